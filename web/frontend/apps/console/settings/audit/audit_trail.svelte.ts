/** What was changed, page by page, the newest first. */
import type { AuditOut } from '#shared/wire.gen'
import { problemOf } from '../../data/problem'
import type { Admin, AuditFilter } from '../admin'

export class AuditTrail {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  busy = $state(false)
  items = $state.raw<AuditOut[]>([])
  more = $state(false)
  filter = $state.raw<AuditFilter>({ target: null, agentId: null })
  #asked = 0

  constructor(private readonly admin: Pick<Admin, 'audit'>) {}

  get narrowed(): boolean {
    return this.filter.target !== null || this.filter.agentId !== null
  }

  load(): Promise<void> {
    this.state = 'loading'
    return this.#ask(null)
  }

  loadMore(): Promise<void> {
    return this.#ask(this.items.at(-1)?.id ?? null)
  }

  narrow(change: Partial<AuditFilter>): Promise<void> {
    this.filter = { ...this.filter, ...change }
    return this.load()
  }

  async #ask(before: number | null): Promise<void> {
    const asked = ++this.#asked
    this.busy = true
    try {
      const { items, more } = await this.admin.audit(this.filter, before)
      if (asked !== this.#asked) return
      this.items = before === null ? items : [...this.items, ...items]
      this.more = more
      this.state = 'ready'
    } catch (thrown) {
      problemOf(thrown)
      if (asked === this.#asked && before === null) this.state = 'failed'
    } finally {
      if (asked === this.#asked) this.busy = false
    }
  }
}
