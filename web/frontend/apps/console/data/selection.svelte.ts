/** Rows of the list that is shown, chosen to do one thing to all of them. */
import { SvelteSet } from 'svelte/reactivity'

export class Selection {
  /** The boxes are shown, even where nothing is chosen yet: what a finger needs, which hovers over nothing. */
  choosing = $state(false)
  readonly ids = new SvelteSet<number>()
  /** Where a range begins. */
  #from: number | null = null

  get active(): boolean {
    return this.choosing || this.ids.size > 0
  }

  has = (id: number): boolean => this.ids.has(id)

  toggle(id: number): void {
    if (!this.ids.delete(id)) this.ids.add(id)
    this.#from = id
  }

  /** Everything between the last one chosen and this, in the order of the list. */
  extend(id: number, order: readonly number[]): void {
    const [from, to] = [order.indexOf(this.#from ?? id), order.indexOf(id)]
    if (from < 0 || to < 0) return this.toggle(id)
    for (const each of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(each)
    this.#from = id
  }

  /** What has left the list cannot stay chosen: nobody would see what is done to it. */
  keepOnly(present: readonly number[]): void {
    for (const id of this.ids) if (!present.includes(id)) this.ids.delete(id)
  }

  clear = (): void => {
    this.ids.clear()
    this.choosing = false
    this.#from = null
  }
}
