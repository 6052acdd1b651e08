import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChatStore } from '#shared/store/chats'
import { follow, HOLE_PATIENCE, type Following, type News, type Page } from '#shared/store/follow'
import { consoleView } from '#shared/store/views'
import type { ChatOut, Heads, MessageOut } from '#shared/wire.gen'
import { chatOut, messageOut } from './samples'

class Wire {
  readonly #hearers = new Map<string, (payload: never) => void>()
  on(event: string, hear: (payload: never) => void) {
    this.#hearers.set(event, hear)
    return () => void this.#hearers.delete(event)
  }
  tell(event: string, payload: unknown) {
    this.#hearers.get(event)?.(payload as never)
  }
}

describe('follow', () => {
  let wire: Wire
  let store: ChatStore<ChatOut, MessageOut>
  let following: Following
  const sync = vi.fn<(chatId: number, after: number) => Promise<Page<MessageOut> | null>>()
  const fetchChat = vi.fn<(chatId: number) => Promise<void>>()
  const patience = () => vi.advanceTimersByTimeAsync(HOLE_PATIENCE)

  beforeEach(() => {
    vi.useFakeTimers()
    sync.mockReset().mockResolvedValue(null)
    fetchChat.mockReset().mockResolvedValue()
    wire = new Wire()
    store = new ChatStore<ChatOut, MessageOut>(consoleView, new Map())
    store.putChat(chatOut({ all_seq: 3, pub_seq: 3 }))
    following = follow({ store, news: wire as News<ChatOut, MessageOut>, sync, fetchChat })
  })
  afterEach(() => {
    following.stop()
    vi.useRealTimers()
  })

  it('gives a hole time to fill by itself', async () => {
    store.open(1)
    wire.tell('message:new', messageOut(5))
    await vi.advanceTimersByTimeAsync(HOLE_PATIENCE - 1)
    wire.tell('message:new', messageOut(4))
    await patience()
    expect(sync).not.toHaveBeenCalled()
  })

  it('asks for the hole of an open chat, page after page', async () => {
    store.open(1)
    sync
      .mockResolvedValueOnce({ messages: [messageOut(4), messageOut(5)], more: true })
      .mockResolvedValueOnce({ messages: [messageOut(6)], more: false })
    wire.tell('message:new', messageOut(7))
    await patience()
    expect(sync.mock.calls).toEqual([[1, 3], [1, 5]])
    expect(store.messages(1)).toHaveLength(4)
  })

  it('fetches a chat that has moved on unheard, and one that is unknown', async () => {
    const heads: Heads = { heads: [{ chat_id: 1, seq: 9, version: 4 }, { chat_id: 2, seq: 1, version: 1 }] }
    wire.tell('heads', heads)
    await patience()
    expect(fetchChat.mock.calls.map(([id]) => id).toSorted()).toEqual([1, 2])
    expect(sync).not.toHaveBeenCalled()
  })

  it('asks nothing for a closed chat whose own number tells enough', async () => {
    wire.tell('chat:changed', chatOut({ version: 2, all_seq: 9, pub_seq: 9 }))
    await patience()
    expect(store.lack(1)).toBeNull()
    expect(sync).not.toHaveBeenCalled()
    expect(fetchChat).not.toHaveBeenCalled()
  })

  it('leaves a sync that was not answered to the next heads', async () => {
    store.open(1)
    wire.tell('message:new', messageOut(5))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(sync).toHaveBeenCalledOnce()
    wire.tell('heads', { heads: [{ chat_id: 1, seq: 5, version: 1 }] })
    await patience()
    expect(sync).toHaveBeenCalledTimes(2)
  })

  it('hears nothing more once stopped', async () => {
    store.open(1)
    following.stop()
    wire.tell('message:new', messageOut(4))
    await patience()
    expect(store.messages(1)).toEqual([])
  })
})
