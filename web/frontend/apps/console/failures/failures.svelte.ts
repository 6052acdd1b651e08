/** Failed responses, newest first: those of one group, or those that are in none. */
import type { Query } from '#shared/api'
import type { FailureOut } from '#shared/wire.gen'
import { problemOf } from '../data/problem'
import type { Review } from './review'

export class Failures {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  more = $state<'none' | 'idle' | 'loading' | 'failed'>('none')
  items = $state.raw<readonly FailureOut[]>([])
  total = $state(0)
  #query: Query = {}
  #next: string | null = null
  #asked = 0

  constructor(
    private readonly review: Pick<Review, 'failures'>,
    /** Whether one that is new or has changed belongs here. */
    private readonly belongs: (failure: FailureOut) => boolean
  ) {}

  narrow(query: Query): Promise<void> {
    this.#query = query
    return this.load()
  }

  load = async (): Promise<void> => {
    const asked = ++this.#asked
    if (this.state === 'failed') this.state = 'loading'
    try {
      const page = await this.review.failures({ ...this.#query, after: null })
      if (asked !== this.#asked) return
      this.items = page.items
      this.total = page.total ?? page.items.length
      this.#next = page.next
      this.more = page.next === null ? 'none' : 'idle'
      this.state = 'ready'
    } catch (thrown) {
      problemOf(thrown)
      if (asked === this.#asked) this.state = 'failed'
    }
  }

  loadMore = async (): Promise<void> => {
    if (this.#next === null || this.more === 'loading') return
    const asked = this.#asked
    this.more = 'loading'
    try {
      const page = await this.review.failures({ ...this.#query, after: this.#next })
      if (asked !== this.#asked) return
      const known = new Set(this.items.map(each => each.id))
      this.items = [...this.items, ...page.items.filter(each => !known.has(each.id))]
      this.#next = page.next
      this.more = page.next === null ? 'none' : 'idle'
    } catch (thrown) {
      problemOf(thrown)
      if (asked === this.#asked) this.more = 'failed'
    }
  }

  hear(failure: FailureOut): void {
    const known = this.items.some(each => each.id === failure.id)
    if (!this.belongs(failure)) {
      if (known) this.#put(this.items.filter(each => each.id !== failure.id))
    } else if (known) this.items = this.items.map(each => (each.id === failure.id ? failure : each))
    else this.#put([failure, ...this.items])
  }

  #put(items: readonly FailureOut[]): void {
    this.total += items.length - this.items.length
    this.items = items
  }
}
