/** The broadcasts that are here: asked once, told from then on. The higher version of two copies counts. */
import type { BroadcastOut } from '#shared/wire.gen'
import { problemOf } from '../data/problem'
import type { Casting } from './casting'

export class Casts {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  items = $state.raw<readonly BroadcastOut[]>([])
  next = $state<number | null>(null)

  constructor(private readonly casting: Pick<Casting, 'page'>) {}

  load = async (): Promise<void> => {
    if (this.state === 'failed') this.state = 'loading'
    try {
      const page = await this.casting.page(null)
      for (const each of page.items) this.put(each)
      this.next = page.next
      this.state = 'ready'
    } catch (thrown) {
      problemOf(thrown)
      if (this.state === 'loading') this.state = 'failed'
    }
  }

  async more(): Promise<void> {
    if (this.next === null) return
    const page = await this.casting.page(this.next)
    for (const each of page.items) this.put(each)
    this.next = page.next
  }

  put = (cast: BroadcastOut): void => {
    const before = this.items.find(each => each.id === cast.id)
    if (before && before.version > cast.version) return
    this.items = [...this.items.filter(each => each.id !== cast.id), cast].toSorted((a, b) => b.id - a.id)
  }

  drop(id: number): void {
    this.items = this.items.filter(each => each.id !== id)
  }
}
