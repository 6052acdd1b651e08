/**
 * Keep a store in step with what the server tells, and ask for whatever turns out to be missing.
 *
 * A hole is given 300 ms to fill by itself. Then the messages of an open chat are synced, a chat that has moved on unheard
 * is fetched, and a chat nobody looks at simply goes on from the number it has.
 */
import type { Heads, Receipt } from '../wire.gen'
import type { ChatStore } from './chats'
import type { NumberedChat, NumberedMessage } from './thread'

export const HOLE_PATIENCE = 300

export interface Page<M> {
  messages: readonly M[]
  more: boolean
}

/** The four kinds of news that change chats, as either namespace tells them. */
export interface News<C, M> {
  on(event: 'message:new', hear: (message: M) => void): () => void
  on(event: 'chat:changed', hear: (chat: C) => void): () => void
  on(event: 'chat:receipt', hear: (receipt: Receipt) => void): () => void
  on(event: 'heads', hear: (heads: Heads) => void): () => void
}

export interface FollowOptions<C extends NumberedChat, M extends NumberedMessage> {
  store: ChatStore<C, M>
  news: News<C, M>
  /** Messages after a number, oldest first; null when there was no answer: the next heads ask again. */
  sync(chatId: number, after: number): Promise<Page<M> | null>
  /** Fetch the chat itself into the store. Told of every chat that is unknown or has moved on unheard. */
  fetchChat(chatId: number): Promise<void>
}

export interface Following {
  /** See at once whether this chat lacks anything: after opening it, and for every chat after a reconnect. */
  check(chatId: number): void
  checkAll(): void
  stop(): void
}

export function follow<C extends NumberedChat, M extends NumberedMessage>(options: FollowOptions<C, M>): Following {
  const { store, news, sync, fetchChat } = options
  const patience = new Map<number, ReturnType<typeof setTimeout>>()
  const asking = new Set<number>()
  let stopped = false

  function check(chatId: number): void {
    if (stopped || patience.has(chatId) || asking.has(chatId) || store.lack(chatId) === null) return
    patience.set(chatId, setTimeout(() => {
      patience.delete(chatId)
      void fill(chatId)
    }, HOLE_PATIENCE))
  }

  async function fill(chatId: number): Promise<void> {
    const lack = store.lack(chatId)
    if (lack === null) return
    if (lack === 'place') return store.skip(chatId)
    asking.add(chatId)
    try {
      await (lack === 'chat' ? fetchChat(chatId) : fillMessages(chatId))
    } catch {
      // No answer. The next heads find the same lack and ask again.
    } finally {
      asking.delete(chatId)
    }
    // The same lack again is left to the next heads too, so that a server that cannot help is not asked in a loop.
    if (store.lack(chatId) !== lack) check(chatId)
  }

  async function fillMessages(chatId: number): Promise<void> {
    for (;;) {
      const after = store.applied(chatId)
      const page = await sync(chatId, after)
      if (page === null || stopped) return
      store.putPage(chatId, page.messages)
      if (!page.more || store.applied(chatId) <= after) return
    }
  }

  const quit = [
    news.on('message:new', message => {
      store.putMessage(message)
      check(message.chat_id)
    }),
    news.on('chat:changed', chat => {
      store.putChat(chat)
      check(chat.id)
    }),
    news.on('chat:receipt', receipt => store.putReceipt(receipt)),
    news.on('heads', heads => {
      for (const unknown of store.putHeads(heads)) fetchChat(unknown).catch(() => undefined)
      for (const { chat_id } of heads.heads) check(chat_id)
    })
  ]

  return {
    check,
    checkAll() {
      for (const id of store.threads.keys()) check(id)
    },
    stop() {
      stopped = true
      for (const off of quit) off()
      for (const timer of patience.values()) clearTimeout(timer)
      patience.clear()
    }
  }
}
