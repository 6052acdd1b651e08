/**
 * Every chat this screen knows, once. REST answers and socket news go through the same few doors.
 *
 * The map is handed in: a `SvelteMap` makes each thread reactive by itself, a plain `Map` is enough for a test.
 */
import type { Heads, Receipt } from '../wire.gen'
import * as thread from './thread'
import type { NumberedChat, NumberedMessage, Thread, View } from './thread'

/** What is missing of a chat: nothing, some messages, the chat itself, or only our place in its numbers. */
export type Lack = null | 'messages' | 'chat' | 'place'

export class ChatStore<C extends NumberedChat, M extends NumberedMessage> {
  /** Chats whose messages are on the screen: the others are not asked for the words that passed unheard. */
  readonly #open = new Set<number>()

  constructor(
    readonly view: View<C, M>,
    readonly threads: Map<number, Thread<C, M>>
  ) {}

  chat(id: number): C | null {
    return this.threads.get(id)?.chat ?? null
  }

  messages(id: number): readonly M[] {
    return this.threads.get(id)?.messages ?? []
  }

  /** All chats that are known as more than a number. Which of them make a list is the list's business. */
  chats(): C[] {
    return [...this.threads.values()].flatMap(each => (each.chat === null ? [] : [each.chat]))
  }

  /** Whether there are messages before the first one here. Numbers start at 1. */
  hasOlder(id: number): boolean {
    return (this.threads.get(id)?.floor ?? 0) > 0
  }

  open(id: number): void {
    this.#open.add(id)
  }

  close(id: number): void {
    this.#open.delete(id)
  }

  isOpen(id: number): boolean {
    return this.#open.has(id)
  }

  putChat(chat: C): void {
    const known = this.threads.get(chat.id) ?? thread.newThread<C, M>(chat.id, this.view.chatSeq(chat))
    this.#put(thread.withChat(this.view, known, chat))
  }

  putMessage(message: M): void {
    const seq = this.view.messageSeq(message)
    if (seq === null) return
    const known = this.threads.get(message.chat_id) ?? thread.newThread<C, M>(message.chat_id, seq - 1)
    this.#put(thread.withMessage(this.view, known, message))
  }

  putPage(id: number, messages: readonly M[]): void {
    this.#put(thread.withPage(this.view, this.threads.get(id) ?? thread.newThread<C, M>(id, 0), messages))
  }

  putReceipt(receipt: Receipt): void {
    const known = this.threads.get(receipt.chat_id)
    if (known) this.#put(thread.withReceipt(this.view, known, receipt))
  }

  changeMessage(chatId: number, id: number, change: (message: M) => M): void {
    const known = this.threads.get(chatId)
    if (known) this.#put(thread.withChanged(known, id, change))
  }

  /** Chats in `heads` that are not here are returned: they are news. */
  putHeads({ heads }: Heads): number[] {
    const unknown: number[] = []
    for (const { chat_id, seq, version } of heads) {
      const known = this.threads.get(chat_id)
      if (known) this.#put(thread.withHead(known, seq, version))
      else unknown.push(chat_id)
    }
    return unknown
  }

  lack(id: number): Lack {
    const known = this.threads.get(id)
    if (!known) return null
    const { chat, head, applied } = known
    if (chat === null || chat.version < head.version) return 'chat'
    if (applied >= head.seq) return null
    if (this.isOpen(id)) return 'messages'
    return this.view.chatSeq(chat) < head.seq ? 'chat' : 'place'
  }

  /** Give up the messages of a closed chat and go on from the number the chat itself has. */
  skip(id: number): void {
    const known = this.threads.get(id)
    if (known) this.#put(thread.withoutMessages(this.view, known))
  }

  /** The last number applied: what a sync asks to be answered from. */
  applied(id: number): number {
    return this.threads.get(id)?.applied ?? 0
  }

  #put(next: Thread<C, M>): void {
    if (this.threads.get(next.id) !== next) this.threads.set(next.id, next)
  }
}
