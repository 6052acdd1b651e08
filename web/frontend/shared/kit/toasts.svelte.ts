/** Short news in the corner. One that offers an action waits for its reader, unless it says how long. */

export interface ToastAction {
  label: string
  keys?: string
  run: () => void
}

export interface ToastOptions {
  tone?: 'neutral' | 'ok' | 'bad'
  action?: ToastAction
  /** Until it goes by itself; null for never. */
  seconds?: number | null
  /** Called when it goes and its action was not taken. */
  onexpire?: () => void
}

export interface ToastItem extends ToastOptions {
  readonly id: number
  readonly text: string
}

const SECONDS = 5
const MOST = 4

export class Toasts {
  items = $state.raw<readonly ToastItem[]>([])
  #next = 1
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()

  /** Returns the way to take it back. */
  show(text: string, options: ToastOptions = {}): () => void {
    const item: ToastItem = { id: this.#next++, text, ...options }
    for (const old of this.items.slice(0, Math.max(0, this.items.length - MOST + 1))) this.#expire(old)
    this.items = [...this.items, item]
    const seconds = options.seconds === undefined ? (options.action ? null : SECONDS) : options.seconds
    if (seconds !== null) this.#timers.set(item.id, setTimeout(() => this.#expire(item), seconds * 1000))
    return () => this.#remove(item)
  }

  dismiss(item: ToastItem): void {
    this.#expire(item)
  }

  act(item: ToastItem): void {
    this.#remove(item)
    item.action?.run()
  }

  #expire(item: ToastItem): void {
    if (this.#remove(item)) item.onexpire?.()
  }

  #remove(item: ToastItem): boolean {
    clearTimeout(this.#timers.get(item.id))
    this.#timers.delete(item.id)
    const present = this.items.includes(item)
    this.items = this.items.filter(each => each !== item)
    return present
  }
}
