/** Who is typing where. Somebody who says nothing more for five seconds has stopped. */
import type { Typing } from '#shared/wire.gen'
import { SvelteMap } from 'svelte/reactivity'

const FORGET_MS = 5_000
/** Own typing is told at most this often. */
const TELL_MS = 3_000

export class TypingBook {
  readonly #typing = new SvelteMap<number, readonly Typing[]>()
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()

  /** Those who type in a chat, the customer first. */
  typists(chatId: number): readonly Typing[] {
    return this.#typing.get(chatId) ?? []
  }

  customerIn(chatId: number): boolean {
    return this.typists(chatId).some(each => each.kind === 'customer')
  }

  hear(typing: Typing): void {
    const who = `${typing.chat_id}/${typing.kind}/${typing.id}`
    clearTimeout(this.#timers.get(who))
    const others = this.typists(typing.chat_id).filter(each => each.kind !== typing.kind || each.id !== typing.id)
    if (!typing.on) return this.#set(typing.chat_id, others)
    this.#set(typing.chat_id, typing.kind === 'customer' ? [typing, ...others] : [...others, typing])
    this.#timers.set(who, setTimeout(() => this.hear({ ...typing, on: false }), FORGET_MS))
  }

  /** Their words have arrived: they are not typing them any more. */
  said(chatId: number, kind: string, id: number | null): void {
    const typing = this.typists(chatId).find(each => each.kind === kind && each.id === id)
    if (typing) this.hear({ ...typing, on: false })
  }

  #set(chatId: number, typing: readonly Typing[]): void {
    if (typing.length === 0) this.#typing.delete(chatId)
    else this.#typing.set(chatId, typing)
  }
}

/** Says that we are typing: at once, then at most every three seconds, and once more when we stop. */
export class TypingTeller {
  #toldAt = -Infinity
  #typing = false

  constructor(private readonly tell: (on: boolean) => void) {}

  typed(now = performance.now()): void {
    if (this.#typing && now - this.#toldAt < TELL_MS) return
    this.#typing = true
    this.#toldAt = now
    this.tell(true)
  }

  stopped(): void {
    if (!this.#typing) return
    this.#typing = false
    this.tell(false)
  }
}
