/** What a customer would be told, asked of the server a moment after the last change. Of two answers the later question's counts. */
import type { EscalatePreview } from '#shared/wire.gen'
import { problemOf } from '../data/problem'

/** So long nobody has typed. */
export const PAUSE_MS = 250

export class Preview<Body> {
  state = $state<'none' | 'asking' | 'ready' | 'failed'>('none')
  /** Stays on the screen while the next is asked for. */
  body = $state('')
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: AbortController | undefined

  constructor(
    private readonly fetch: (body: Body, signal: AbortSignal) => Promise<EscalatePreview>,
    /** Told of each answer that counts. */
    private readonly onready: (told: EscalatePreview) => void = () => undefined
  ) {}

  ask(body: Body): void {
    this.stop()
    this.state = 'asking'
    this.#timer = setTimeout(() => void this.#fetch(body), PAUSE_MS)
  }

  clear(): void {
    this.stop()
    this.state = 'none'
    this.body = ''
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#running?.abort()
  }

  async #fetch(body: Body): Promise<void> {
    const running = new AbortController()
    this.#running = running
    try {
      const told = await this.fetch(body, running.signal)
      if (running.signal.aborted) return
      this.body = told.body
      this.state = 'ready'
      this.onready(told)
    } catch (thrown) {
      if (running.signal.aborted) return
      problemOf(thrown)
      this.state = 'failed'
    }
  }
}
