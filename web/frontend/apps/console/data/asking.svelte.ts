/** What somebody asks of the server by a button: whether it is under way, and why it was refused. */
import type { Toasts } from '#shared/kit/toasts.svelte'
import { complaintOf, problemOf } from './problem'

export class Asking {
  busy = $state(false)
  /** Why the last one was refused, for the dialog that asked; null while there is nothing to say. */
  complaint = $state<string | null>(null)
  readonly #toasts: Toasts | null

  /** With `toasts` a refusal is told there, for what has no dialog to stand in. */
  constructor(toasts: Toasts | null = null) {
    this.#toasts = toasts
  }

  /** Ask, and say whether it was granted. Nothing is asked while another is under way: a second press is not a second wish. */
  async for(ask: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    this.complaint = null
    try {
      await ask()
      return true
    } catch (thrown) {
      this.complaint = complaintOf(problemOf(thrown))
      this.#toasts?.show(this.complaint, { tone: 'bad' })
      return false
    } finally {
      this.busy = false
    }
  }

  forget = (): void => {
    this.complaint = null
  }
}
