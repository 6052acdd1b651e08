/** Short sentences at the edge of the screen. Those that hold an action stay until they are dealt with or their time is up. */

export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'neutral' | 'ok' | 'warn' | 'bad'
  readonly action: { label: string; run: () => void } | null
}

interface Options {
  tone?: Toast['tone']
  action?: Toast['action']
  /** Milliseconds; without it a toast with an action stays until dismissed. */
  lasts?: number
}

const READ_MS = 5_000
const MOST = 4

export class Toasts {
  list = $state.raw<readonly Toast[]>([])
  #next = 1

  say(text: string, { tone = 'neutral', action = null, lasts }: Options = {}): { dismiss(): void } {
    const id = this.#next++
    this.list = [...this.list, { id, text, tone, action }].slice(-MOST)
    const stays = lasts ?? (action ? null : READ_MS)
    if (stays !== null) setTimeout(() => this.dismiss(id), stays)
    return { dismiss: () => this.dismiss(id) }
  }

  dismiss(id: number): void {
    this.list = this.list.filter(toast => toast.id !== id)
  }
}
