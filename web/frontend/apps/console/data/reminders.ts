/**
 * Calls that come again until they are seen. What waits is one set; while it is not empty one timer calls once per
 * interval, by the loudest of what waits, so ten waiting chats make no more noise than one.
 */
import { loudest, type CallKind } from '../rules/calls'

export interface Call {
  /** The same key is the same call: a second message of one chat adds nothing. */
  key: string
  kind: Exclude<CallKind, 'outage'> // which is no chat, and called about once
  /** Named in a notification, and opened by it. */
  chatId: number
  title: string
  text: string
}

export interface ReminderOptions {
  /** Make it heard. `again`: it was made heard before. */
  say: (call: Call, again: boolean) => void
  /** Was it seen, or has it settled itself? Asked before each repeat and at every look. */
  isSeen: (call: Call) => boolean
  /** Milliseconds until the next repeat, or null for none. Read anew each time. */
  interval: () => number | null
  /** Told of what was seen here, so that other tabs fall silent too. */
  onSeen?: (keys: readonly string[]) => void
}

export class Reminders {
  readonly #waiting = new Map<string, Call>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: ReminderOptions) {}

  get waiting(): readonly Call[] {
    return [...this.#waiting.values()]
  }

  /** Somebody should look. Nothing is said to who is looking already. */
  call(call: Call): void {
    if (this.options.isSeen(call)) return
    this.#waiting.set(call.key, call)
    this.options.say(call, false)
    this.#schedule()
  }

  /** The person has looked about: what is seen by that is done with. */
  look(): void {
    this.#drop([...this.#waiting.values()].filter(this.options.isSeen).map(each => each.key), true)
  }

  /** Seen in another tab, or dismissed. */
  settle(keys: readonly string[], tell = false): void {
    this.#drop(keys, tell)
  }

  /** The interval was set anew. */
  reschedule(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#schedule()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting.clear()
  }

  #drop(keys: readonly string[], tell: boolean): void {
    const dropped = keys.filter(key => this.#waiting.delete(key))
    if (tell && dropped.length > 0) this.options.onSeen?.(dropped)
    if (this.#waiting.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #schedule(): void {
    const interval = this.options.interval()
    if (interval === null || this.#waiting.size === 0 || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.look()
      const kind = loudest([...this.#waiting.values()].map(each => each.kind))
      const call = [...this.#waiting.values()].findLast(each => each.kind === kind)
      if (call) this.options.say(call, true)
      this.#schedule()
    }, interval)
  }
}
