/** Something read from the server for one page: loading, there, or failed with a way to try again. */
import type { CatalogueChanged } from '#shared/wire.gen'
import { onDestroy } from 'svelte'
import type { Console } from './console.svelte'
import { problemOf } from './problem'

export class Fetched<T> {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  value = $state.raw<T | null>(null)
  #asked = 0

  constructor(
    private readonly fetch: () => Promise<T>,
    /** Told of each copy, before it is shown. */
    private readonly onvalue: (value: T) => void = () => undefined
  ) {}

  /** Ask again. What is here stays on the screen meanwhile; of two answers, the one asked for last counts. */
  load = async (): Promise<void> => {
    const asked = ++this.#asked
    if (this.state === 'failed') this.state = 'loading'
    try {
      const value = await this.fetch()
      if (asked === this.#asked) this.put(value)
    } catch (thrown) {
      problemOf(thrown)
      if (asked === this.#asked && this.value === null) this.state = 'failed'
    }
  }

  put(value: T): void {
    this.onvalue(value)
    this.value = value
    this.state = 'ready'
  }
}

/** Fetched now, and again whenever somebody has edited it. Call while a component is made. */
export function fetched<T>(
  console: Console, what: readonly CatalogueChanged['what'][], fetch: () => Promise<T>, onvalue?: (value: T) => void
): Fetched<T> {
  const copy = new Fetched(fetch, onvalue)
  onDestroy(console.live.on('catalogue:changed', news => {
    if (what.includes(news.what)) void copy.load()
  }))
  void copy.load()
  return copy
}
