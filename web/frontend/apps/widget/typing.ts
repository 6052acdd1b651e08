/** Typing, said sparingly: at most once in three seconds while it lasts, and once when it is over. */
const AGAIN_AFTER_MS = 3000

export class TypingSignal {
  #saidAt = 0
  #on = false

  constructor(
    private readonly say: (on: boolean) => void,
    private readonly now: () => number = Date.now
  ) {}

  typed(text: string): void {
    const on = text.trim() !== ''
    if (!on) return this.over()
    if (this.#on && this.now() - this.#saidAt < AGAIN_AFTER_MS) return
    this.#on = true
    this.#saidAt = this.now()
    this.say(true)
  }

  over(): void {
    if (!this.#on) return
    this.#on = false
    this.say(false)
  }
}
