import 'fake-indexeddb/auto'
import type { Outgoing } from '#shared/store/outbox'
import { openOutboxStorage } from '#shared/store/outbox_storage'
import type { AttachmentOut } from '#shared/wire.gen'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { SendExtra } from '../../apps/console/data/console.svelte'
import { chat } from './fixtures'
import { standInConsole } from './stand_ins'

const mine = chat({ id: 1, state: 'active', owner: { id: 1, name: 'Maya', hue: 0 } })
const receipt: AttachmentOut = {
  id: 9, kind: 'document', name: 'receipt.pdf', size: 3, content_type: 'application/pdf', width: null, height: null, duration_ms: null, url: '/m/9', thumb_url: null
}
const enclosed = {
  quote: { id: 4, author_kind: 'customer' as const, author_name: 'Adaeze', body: 'Which branch?' },
  attachments: [receipt], canned_id: 3, mentions: [{ kind: 'agent' as const, id: 2, name: 'Femi' }]
}
const sent = { chat_id: 1, body: 'Ikeja', internal: true, quote_id: 4, attachment_ids: [9], canned_id: 3, mentions: [{ kind: 'agent', id: 2 }] }
const refusal = (code: string) => ({ ok: false, error: { code, message: '' } })
const storageOf = (name: string) => openOutboxStorage<Outgoing<SendExtra>>(name)

beforeEach(() => localStorage.clear())

describe('a message with all that goes with it', () => {
  it('is shown whole while it is on its way', async () => {
    const { console, ask } = standInConsole([mine])
    ask.mockImplementation(() => new Promise(() => undefined))
    console.send(1, 'Ikeja', true, enclosed)
    expect(console.unsentIn(1)).toMatchObject([{ body: 'Ikeja', quote: enclosed.quote, files: [receipt], failed: false }])
    await vi.waitFor(() => expect(ask).toHaveBeenCalledWith('message:send', expect.objectContaining(sent)))
  })

  it('is sent whole by a page opened after this one closed', async () => {
    const first = standInConsole([mine], { storage: await storageOf('reload') })
    first.ask.mockResolvedValue(refusal('offline') as never)
    first.console.send(1, 'Ikeja', true, enclosed)
    await vi.waitFor(() => expect(first.ask).toHaveBeenCalledWith('message:send', expect.anything()))
    const [before] = first.console.unsentIn(1)
    first.console.stop()

    const second = standInConsole([mine], { storage: await storageOf('reload') })
    await vi.waitFor(() => expect(second.ask).toHaveBeenCalledWith('message:send', expect.objectContaining({ ...sent, client_id: before!.client_id })))
    await vi.waitFor(() => expect(second.console.unsentIn(1)).toEqual([]))
  })

  it('that failed is sent whole when it is tried again', async () => {
    const { console, ask } = standInConsole([mine])
    ask.mockResolvedValueOnce(refusal('not_possible') as never)
    console.send(1, 'Ikeja', true, enclosed)
    await vi.waitFor(() => expect(console.unsentIn(1)).toMatchObject([{ failed: true }]))
    ask.mockClear()
    console.retry(console.unsentIn(1)[0]!.client_id)
    await vi.waitFor(() => expect(ask).toHaveBeenCalledWith('message:send', expect.objectContaining(sent)))
  })

  it('that the chat will not take comes back into the box with its files and its quote', async () => {
    const { console, ask, listeners } = standInConsole([mine])
    ask.mockResolvedValueOnce(refusal('not_owner') as never)
    console.send(1, 'Ikeja', false, { quote: enclosed.quote, attachments: [receipt] })
    await vi.waitFor(() => expect(listeners.refused).toHaveBeenCalled())
    expect(console.drafts.of(1).reply).toBe('Ikeja')
    const compose = console.composing(1, 'reply')
    expect(compose.quote).toEqual(enclosed.quote)
    expect(compose.queue.stored).toEqual([receipt])
    expect(console.unsentIn(1)).toEqual([])
  })

  it('written by an older page, without any of it, is still sent', async () => {
    const storage = await storageOf('older')
    await storage.put({ client_id: 'from-before', line: '1', body: 'Hello', extra: { internal: false }, written_at: Date.now(), state: 'sending', error: null })
    const { ask } = standInConsole([mine], { storage })
    await vi.waitFor(() => expect(ask).toHaveBeenCalledWith('message:send', expect.objectContaining({
      client_id: 'from-before', body: 'Hello', quote_id: null, attachment_ids: [], canned_id: null, mentions: []
    })))
  })
})
