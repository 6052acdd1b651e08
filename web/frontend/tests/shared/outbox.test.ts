import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Answer } from '#shared/live'
import { KEPT_FOR, Outbox, retryDelay, type Outgoing } from '#shared/store/outbox'
import { memoryStorage, openOutboxStorage } from '#shared/store/outbox_storage'

type Message = Outgoing<{ internal: boolean }>
const stored: Answer<string> = { ok: true, data: 'stored' }
const refusal = (code: string, more = {}): Answer<string> => ({ ok: false, error: { code, message: code, ...more } })
const settle = () => vi.advanceTimersByTimeAsync(0)

function makeOutbox(answers: Answer<string>[]) {
  const storage = memoryStorage<Message>()
  const send = vi.fn<(message: Message) => Promise<Answer<string>>>(async () => answers.shift() ?? stored)
  const onSent = vi.fn<(message: Message, sent: string) => void>()
  const onFailed = vi.fn<(message: Message) => void>()
  const outbox = new Outbox<{ internal: boolean }, string>({ storage, send, onSent, onFailed, random: () => 0.5 })
  return { outbox, storage, send, onSent, onFailed }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('outbox', () => {
  it('keeps a message on the device until it is stored', async () => {
    const { outbox, storage, onSent } = makeOutbox([refusal('timeout')])
    await outbox.add('7', 'hello', { internal: false }, 'a-client-id')
    await settle()
    expect(await storage.all()).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await storage.all()).toEqual([])
    expect(onSent).toHaveBeenCalledOnce()
    expect(outbox.messages()).toEqual([])
  })

  it('repeats with the same client_id, in the rhythm agreed', async () => {
    const { outbox, send } = makeOutbox(Array.from({ length: 8 }, () => refusal('timeout')))
    await outbox.add('7', 'hello', { internal: false }, 'same')
    await settle()
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      const before = send.mock.calls.length
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1)
      expect(send).toHaveBeenCalledTimes(before)
      await vi.advanceTimersByTimeAsync(1)
      expect(send).toHaveBeenCalledTimes(before + 1)
    }
    expect(new Set(send.mock.calls.map(([message]) => message.client_id))).toEqual(new Set(['same']))
  })

  it('has one message per chat on its way, and keeps their order', async () => {
    const { outbox, send } = makeOutbox([refusal('timeout')])
    await outbox.add('7', 'one', { internal: false })
    await outbox.add('7', 'two', { internal: false })
    await outbox.add('8', 'other', { internal: false })
    await settle()
    expect(send.mock.calls.map(([message]) => message.body)).toEqual(['one', 'other'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(send.mock.calls.map(([message]) => message.body)).toEqual(['one', 'other', 'one', 'two'])
  })

  it.each(['not_owner', 'state_conflict', 'invalid'])('stops at %s and gives every text of the line back', async code => {
    const { outbox, send, onFailed } = makeOutbox([refusal('timeout'), refusal(code)])
    await outbox.add('7', 'one', { internal: false })
    await outbox.add('7', 'two', { internal: false })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(send.mock.calls.map(([message]) => message.body)).toEqual(['one', 'one'])
    expect(onFailed.mock.calls.map(([message]) => message.body)).toEqual(['one', 'two'])
    expect(outbox.messages('7').map(each => [each.state, each.error?.code])).toEqual([['failed', code], ['failed', code]])
  })

  it('tries a failed one again when asked', async () => {
    const { outbox, onSent } = makeOutbox([refusal('invalid')])
    const { client_id } = await outbox.add('7', 'one', { internal: false })
    await settle()
    await outbox.retry(client_id)
    await settle()
    expect(onSent).toHaveBeenCalledWith(expect.objectContaining({ client_id }), 'stored')
  })

  it('waits as long as the server says', () => {
    expect(retryDelay(1, { code: 'busy', message: '', retry_after_ms: 700 }, () => 0)).toBe(700)
    expect(retryDelay(1, { code: 'too_many', message: '', retry_after_s: 9 }, () => 0)).toBe(9_000)
    expect([0, 1].map(chance => retryDelay(3, { code: 'timeout', message: '' }, () => chance))).toEqual([3_200, 4_800])
  })

  it('does not wait once the connection is back', async () => {
    const { outbox, send } = makeOutbox([refusal('offline')])
    await outbox.add('7', 'one', { internal: false })
    await settle()
    outbox.wake()
    await settle()
    expect(send).toHaveBeenCalledTimes(2)
  })

  it('takes up what an earlier visit left, but nothing older than a day', async () => {
    const { outbox, storage, send } = makeOutbox([])
    const left = (client_id: string, age: number): Message => ({
      client_id,
      line: '7',
      body: client_id,
      extra: { internal: false },
      written_at: Date.now() - age,
      state: 'sending',
      error: null
    })
    await storage.put(left('yesterday', KEPT_FOR + 1))
    await storage.put(left('second', 1_000))
    await storage.put(left('first', 2_000))
    await outbox.restore()
    await settle()
    expect(send.mock.calls.map(([message]) => message.body)).toEqual(['first', 'second'])
    expect(await storage.all()).toEqual([])
  })

  it('forgets one that is thrown away while it waits', async () => {
    const { outbox, send } = makeOutbox([refusal('timeout')])
    const { client_id } = await outbox.add('7', 'one', { internal: false })
    await settle()
    await outbox.discard(client_id)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(send).toHaveBeenCalledOnce()
  })
})

it('is kept in IndexedDB', async () => {
  vi.useRealTimers()
  const storage = await openOutboxStorage<Message>('agent-1')
  const message: Message = { client_id: 'x', line: '7', body: 'hello', extra: { internal: true }, written_at: 1, state: 'sending', error: null }
  await storage.put(message)
  expect(await (await openOutboxStorage<Message>('agent-1')).all()).toEqual([message])
  expect(await (await openOutboxStorage<Message>('agent-2')).all()).toEqual([])
  await storage.delete('x')
  expect(await storage.all()).toEqual([])
})
