/** The groups of one state, in an order, as they are and as they become while somebody looks. */
import type { ClusterOut } from '#shared/wire.gen'
import { problemOf } from '../data/problem'
import type { ReviewPlace } from '../rules/review_place'
import type { Review } from './review'

type Narrowed = Pick<ReviewPlace, 'status' | 'sort' | 'q'>

export class Clusters {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  more = $state<'none' | 'idle' | 'loading' | 'failed'>('none')
  items = $state.raw<readonly ClusterOut[]>([])
  total = $state(0)
  #narrowed: Narrowed = { status: 'open', sort: 'impact', q: '' }
  #next: string | null = null
  #asked = 0

  constructor(private readonly review: Pick<Review, 'clusters'>) {}

  narrow(narrowed: Narrowed): Promise<void> {
    this.#narrowed = narrowed
    return this.load()
  }

  load = async (): Promise<void> => {
    const asked = ++this.#asked
    if (this.state === 'failed') this.state = 'loading'
    try {
      const page = await this.review.clusters(this.#query(null))
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
      const page = await this.review.clusters(this.#query(this.#next))
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

  /** A group is new or has changed. It stays in its row; a new one comes first, for nobody has seen it; one of another state goes. */
  hear(cluster: ClusterOut): void {
    const known = this.items.some(each => each.id === cluster.id)
    if (cluster.status !== this.#narrowed.status) {
      if (known) this.#put(this.items.filter(each => each.id !== cluster.id))
    } else if (known) this.items = this.items.map(each => (each.id === cluster.id && each.version <= cluster.version ? cluster : each))
    else if (this.#narrowed.q === '') this.#put([cluster, ...this.items])
  }

  #put(items: readonly ClusterOut[]): void {
    this.total += items.length - this.items.length
    this.items = items
  }

  #query(after: string | null) {
    const { status, sort, q } = this.#narrowed
    return { status, sort, q: q.trim() || null, after }
  }
}
