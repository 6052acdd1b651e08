/**
 * What was written and is not yet stored by the server: kept on this device until it is.
 *
 * One message per chat is on its way at a time, so their order holds. A send that nobody answered is repeated with the same
 * `client_id`, which the server stores once. A refusal that will not change ends the chat's line and gives the texts back.
 */
import type { Answer } from '../live'
import type { ErrorOut } from '../wire.gen'
import type { OutboxStorage } from './outbox_storage'

/** `body` and whatever else the send takes. `line` is what order is kept within: a chat's id, or a name for a new chat. */
export interface Outgoing<Extra = object> {
  readonly client_id: string
  readonly line: string
  readonly body: string
  readonly extra: Extra
  /** As `Date.now()` */
  readonly written_at: number
  readonly state: 'sending' | 'failed'
  readonly error: ErrorOut | null
}

export interface OutboxOptions<Extra, Sent> {
  storage: OutboxStorage<Outgoing<Extra>>
  /** One attempt. It must answer in the end, with `timeout` if need be. */
  send(message: Outgoing<Extra>): Promise<Answer<Sent>>
  onSent?(message: Outgoing<Extra>, sent: Sent): void
  /** Refused for good: the text goes back to who wrote it. */
  onFailed?(message: Outgoing<Extra>, error: ErrorOut): void
  /** Called whenever what `messages()` gives has changed. */
  onChange?(): void
  random?: () => number
}

export const KEPT_FOR = 24 * 60 * 60 * 1000

/** Waits between attempts. The first attempt itself has waited 5 s for its answer. */
const WAITS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]
const SPREAD = 0.2

/** No answer, or an answer that speaks of now only. Every other refusal would be repeated for ever. */
const WORTH_RETRYING = new Set(['offline', 'timeout', 'busy', 'too_many', 'signed_out', 'csrf', 'internal'])

/** Milliseconds before the attempt after `failures` failed ones; a server that says how long is taken at its word. */
export function retryDelay(failures: number, error: ErrorOut, random: () => number = Math.random): number {
  const told = error.retry_after_ms ?? (error.retry_after_s === undefined ? undefined : error.retry_after_s * 1000)
  if (told !== undefined) return Math.round(told * (1 + random() * SPREAD))
  const wait = WAITS[Math.min(Math.max(failures - 1, 0), WAITS.length - 1)]!
  return Math.round(wait * (1 - SPREAD + random() * 2 * SPREAD))
}

export class Outbox<Extra = object, Sent = unknown> {
  readonly #options: OutboxOptions<Extra, Sent>
  readonly #messages = new Map<string, Outgoing<Extra>>()
  readonly #busyLines = new Set<string>()
  readonly #waits = new Map<string, { timer: ReturnType<typeof setTimeout>; go: () => void }>()
  #closed = false

  constructor(options: OutboxOptions<Extra, Sent>) {
    this.#options = options
  }

  /** Take up what an earlier visit to this page left unsent, oldest first; what is a day old is forgotten. */
  async restore(): Promise<void> {
    const kept = await this.#options.storage.all()
    for (const message of kept.toSorted((a, b) => a.written_at - b.written_at)) {
      if (Date.now() - message.written_at > KEPT_FOR) await this.#options.storage.delete(message.client_id)
      else if (!this.#messages.has(message.client_id)) this.#messages.set(message.client_id, message)
    }
    this.#changed()
    for (const line of new Set([...this.#messages.values()].map(each => each.line))) void this.#work(line)
  }

  /** Everything unsent, or of one line, in the order it was written. */
  messages(line?: string): Outgoing<Extra>[] {
    const all = [...this.#messages.values()]
    return line === undefined ? all : all.filter(each => each.line === line)
  }

  /** Put a message in line. It is on this device before the first attempt is made. */
  async add(line: string, body: string, extra: Extra, clientId: string = crypto.randomUUID()): Promise<Outgoing<Extra>> {
    const message: Outgoing<Extra> = {
      client_id: clientId,
      line,
      body,
      extra,
      written_at: Date.now(),
      state: 'sending',
      error: null
    }
    this.#messages.set(clientId, message)
    this.#changed()
    await this.#options.storage.put(message)
    void this.#work(line)
    return message
  }

  /** Try a failed message again, with the same `client_id`. */
  async retry(clientId: string): Promise<void> {
    const message = this.#messages.get(clientId)
    if (message === undefined) return
    await this.#replace({ ...message, state: 'sending', error: null })
    void this.#work(message.line)
  }

  /** Take a message out: thrown away, or back in the composer. Too late for one that is on its way. */
  async discard(clientId: string): Promise<void> {
    this.#messages.delete(clientId)
    this.#changed()
    await this.#options.storage.delete(clientId)
  }

  /** The connection is back: nobody waits any longer. */
  wake(): void {
    for (const { go } of this.#waits.values()) go()
  }

  close(): void {
    this.#closed = true
    for (const { timer } of this.#waits.values()) clearTimeout(timer)
  }

  async #work(line: string): Promise<void> {
    if (this.#busyLines.has(line)) return
    this.#busyLines.add(line)
    try {
      for (let next = this.#next(line); next && !this.#closed; next = this.#next(line)) await this.#deliver(next)
    } finally {
      this.#busyLines.delete(line)
    }
  }

  #next(line: string): Outgoing<Extra> | undefined {
    return this.messages(line).find(each => each.state === 'sending')
  }

  /** Returns when the message is stored, refused for good, or taken out. */
  async #deliver(message: Outgoing<Extra>): Promise<void> {
    const stillWanted = () => !this.#closed && this.#messages.get(message.client_id)?.state === 'sending'
    for (let failures = 0; stillWanted(); ) {
      const answer = await this.#options.send(message)
      if (answer.ok) {
        await this.discard(message.client_id)
        this.#options.onSent?.(message, answer.data)
        return
      }
      if (!WORTH_RETRYING.has(answer.error.code)) return this.#fail(message.line, answer.error)
      failures += 1
      if (stillWanted()) await this.#pause(message.line, retryDelay(failures, answer.error, this.#options.random))
    }
  }

  /** The whole line, for what follows a refused message was written in the belief that it had been said. */
  async #fail(line: string, error: ErrorOut): Promise<void> {
    for (const message of this.messages(line).filter(each => each.state === 'sending')) {
      const failed: Outgoing<Extra> = { ...message, state: 'failed', error }
      await this.#replace(failed)
      this.#options.onFailed?.(failed, error)
    }
  }

  #pause(line: string, milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const go = () => {
        clearTimeout(timer)
        this.#waits.delete(line)
        resolve()
      }
      const timer = setTimeout(go, milliseconds)
      this.#waits.set(line, { timer, go })
    })
  }

  async #replace(message: Outgoing<Extra>): Promise<void> {
    this.#messages.set(message.client_id, message)
    this.#changed()
    await this.#options.storage.put(message)
  }

  #changed(): void {
    this.#options.onChange?.()
  }
}
