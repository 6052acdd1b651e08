/** Rows of one question, a page at a time, as they are and as they become while somebody looks. Only the last question counts. */
import { problemOf } from './problem'

interface Page<Item> {
  items: readonly Item[]
  /** Left out where nobody counted: then it is what has been read. */
  total?: number | null
  next: string | null
}

export class Paged<Item extends { id: number }, Question> {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  more = $state<'none' | 'idle' | 'loading' | 'failed'>('none')
  items = $state.raw<readonly Item[]>([])
  total = $state(0)
  #next: string | null = null
  #asked = 0

  constructor(
    protected question: Question,
    private readonly fetch: (question: Question, after: string | null) => Promise<Page<Item>>
  ) {}

  narrow(question: Question): Promise<void> {
    this.question = question
    return this.load()
  }

  load = async (): Promise<void> => {
    const asked = ++this.#asked
    if (this.state === 'failed') this.state = 'loading'
    try {
      const page = await this.fetch(this.question, null)
      if (asked !== this.#asked) return
      this.items = page.items
      this.total = page.total ?? page.items.length
      this.#turnedTo(page)
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
      const page = await this.fetch(this.question, this.#next)
      if (asked !== this.#asked) return
      const known = new Set(this.items.map(each => each.id))
      this.items = [...this.items, ...page.items.filter(each => !known.has(each.id))]
      this.#turnedTo(page)
    } catch (thrown) {
      problemOf(thrown)
      if (asked === this.#asked) this.more = 'failed'
    }
  }

  /** A new row comes first, for nobody has seen it; a known one changes in its place. */
  protected put(item: Item): void {
    const known = this.items.some(each => each.id === item.id)
    if (known) this.items = this.items.map(each => (each.id === item.id ? item : each))
    else this.#become([item, ...this.items])
  }

  protected drop(id: number): void {
    this.#become(this.items.filter(each => each.id !== id))
  }

  #become(items: readonly Item[]): void {
    this.total += items.length - this.items.length
    this.items = items
  }

  #turnedTo({ next }: Page<Item>): void {
    this.#next = next
    this.more = next === null ? 'none' : 'idle'
  }
}
