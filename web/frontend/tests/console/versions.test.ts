import { Toasts } from '#shared/kit/toasts.svelte'
import type { MessageOut, VersionList } from '#shared/wire.gen'
import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import LogMessage from '../../apps/console/conversation/LogMessage.svelte'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Server } from '../../apps/console/data/server'
import type { Session } from '../../apps/console/data/session.svelte'
import VersionsDialog from '../../apps/console/dialogs/VersionsDialog.svelte'
import { stepsOf } from '../../apps/console/rules/versions'
import Framed from './Framed.svelte'
import { chat, me, message } from './fixtures'
import { refusal, standInConsole } from './stand_ins'

const maya = { id: 1, name: 'Maya Lindholm', hue: 340 }
const isla = { id: 2, name: 'Isla Campbell', hue: 120 }
const versions: VersionList['items'] = [
  { how: 'edited', body: 'On Moonday.', files: ['receipt.pdf'], by: maya, replaced_at: '2026-11-14T16:04:00Z' },
  { how: 'deleted', body: 'On Monday.', files: ['receipt.pdf'], by: isla, replaced_at: '2026-11-14T16:10:00Z' }
]
const said = (over: Partial<MessageOut>): MessageOut => message(4, { author: { kind: 'agent', ...maya }, created_at: '2026-11-14T16:02:00Z', ...over })
const stub = said({ body: '', data: {}, deleted_at: '2026-11-14T16:10:00Z' })

function frameOf(server: Partial<Server>, permissions: string[]): Frame {
  const { console } = standInConsole([chat({ id: 1 })], { server, me: me({ permissions: permissions as never }) })
  const toasts = new Toasts()
  return { session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection() }
}

function show(screen_: unknown, given: Record<string, unknown>, server: Partial<Server> = {}, permissions = ['chat.answer', 'chat.supervise']) {
  const frame = frameOf(server, permissions)
  render(Framed, { frame, screen: screen_ as never, given })
  return frame
}

describe('the steps of a message', () => {
  it('tell who did what, and what it said from then on', () => {
    expect(stepsOf(stub, versions)).toEqual([
      { how: 'written', by: stub.author, at: stub.created_at, words: versions[0] },
      { how: 'edited', by: maya, at: '2026-11-14T16:04:00Z', words: versions[1] },
      { how: 'deleted', by: isla, at: '2026-11-14T16:10:00Z', words: null }
    ])
  })

  it('end with what the message says now', () => {
    const now = said({ body: 'On Monday.', edited_at: '2026-11-14T16:04:00Z' })
    expect(stepsOf(now, versions.slice(0, 1)).map(each => each.words?.body)).toEqual(['On Moonday.', 'On Monday.'])
  })
})

describe('the label of a corrected message', () => {
  const shown = (given: MessageOut, permissions?: string[]) => show(LogMessage, { message: given, chat: chat({ id: 1 }), first: true, last: true }, {}, permissions)
  const corrected = said({ edited_at: '2026-11-14T16:04:00Z' })

  it.each([['Edited, show earlier versions', corrected], ['What it said, show earlier versions', stub], ['What it said, show earlier versions', { ...stub, kind: 'note' as const, pub_seq: null }]])('opens what it said, for who supervises: %s', async (name, given) => {
    const frame = shown(given)
    await fireEvent.click(screen.getByRole('button', { name }))
    expect(frame.layers.top).toEqual({ kind: 'versions', message: given })
  })

  it('is a word for others, and nothing at a stub', () => {
    shown(corrected, ['chat.answer'])
    expect(screen.getByText('Edited').tagName).toBe('SPAN')
    shown(stub, ['chat.answer'])
    expect(screen.queryByText('What it said')).toBeNull()
    expect(screen.queryAllByRole('button')).toEqual([])
  })
})

describe('the versions', () => {
  it('say who, when, what it said, and with which files', async () => {
    const asked = vi.fn(async () => ({ items: versions }))
    show(VersionsDialog, { message: stub, onclose: vi.fn() }, { versions: asked })
    const steps = await screen.findAllByText(/(Written|Edited|Deleted) by/)
    expect(steps.map(each => each.textContent)).toEqual(['Written by Maya Lindholm', 'Edited by Maya Lindholm', 'Deleted by Isla Campbell'])
    const [first, second, third] = steps.map(each => each.closest('li')!)
    expect(first!.textContent).toContain('On Moonday.')
    expect(within(first!).getByRole('list', { name: 'Files' }).textContent).toBe('receipt.pdf')
    expect(second!.textContent).toContain('On Monday.')
    expect(third!.querySelector('time')!.getAttribute('datetime')).toBe('2026-11-14T16:10:00Z')
    expect(third!.querySelector('.words')).toBeNull()
    expect(asked).toHaveBeenCalledWith(stub.chat_id, stub.id)
  })

  it('say when none is kept', async () => {
    show(VersionsDialog, { message: stub, onclose: vi.fn() }, { versions: async () => ({ items: [] }) })
    expect(await screen.findByText('No earlier version is kept.')).toBeTruthy()
  })

  it('say when they did not come, and ask again', async () => {
    const asked = vi.fn<Server['versions']>().mockRejectedValueOnce(refusal({ code: 'offline' })).mockResolvedValue({ items: versions })
    show(VersionsDialog, { message: stub, onclose: vi.fn() }, { versions: asked })
    await fireEvent.click(await screen.findByRole('button', { name: 'Retry' }))
    expect(await screen.findByText('Deleted by Isla Campbell')).toBeTruthy()
  })
})
