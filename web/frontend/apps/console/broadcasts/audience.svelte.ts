/** Whom a broadcast is for, while it is being chosen: each kind keeps what was chosen in it, and one of them counts. */
import type { AudienceBody, AudienceOut, BroadcastDetail, ListRead } from '#shared/wire.gen'
import { problemOf } from '../data/problem'
import { chatFilter, filterOfView, UNFILTERED, type HistoryFilter } from '../rules/history_filter'
import type { Casting } from './casting'

export type Kind = AudienceBody['audience_kind']

/** A choice rests for so long before the people are counted: the count reads every one of them. */
const PAUSE_MS = 350

export class Audience {
  kind = $state<Kind>('tag')
  cluster = $state.raw<{ id: number; label: string } | null>(null)
  tags = $state.raw<readonly number[]>([])
  filter = $state.raw<HistoryFilter>(UNFILTERED)
  listed = $state.raw<readonly number[]>([])
  /** What is wrong with the lines of a list. */
  read = $state.raw<ListRead | null>(null)
  /** Channels for which a template is chosen: it reaches those whose window is closed. */
  templated = $state.raw<readonly number[]>([])
  count = $state.raw<AudienceOut | null>(null)
  state = $state<'idle' | 'counting' | 'ready' | 'failed'>('idle')
  #asked: AbortController | null = null

  readonly body = $derived.by((): AudienceBody | null => {
    switch (this.kind) {
      case 'cluster':
        return this.cluster && { audience_kind: 'cluster', audience: { cluster_id: this.cluster.id } }
      case 'tag':
        return this.tags.length > 0 ? { audience_kind: 'tag', audience: { tag_ids: [...this.tags] } } : null
      case 'filter':
        return { audience_kind: 'filter', audience: { filter: chatFilter(this.filter) } }
      case 'list':
        return this.listed.length > 0 ? { audience_kind: 'list', audience: { customer_ids: [...this.listed] } } : null
    }
  })

  constructor(private readonly casting: Pick<Casting, 'audience'>) {}

  adopt({ audience_kind, audience, cluster }: Pick<BroadcastDetail, 'audience_kind' | 'audience' | 'cluster'>): void {
    this.kind = audience_kind
    this.cluster = cluster
    this.tags = audience.tag_ids ?? []
    this.listed = audience.customer_ids ?? []
    if (audience.filter) this.filter = filterOfView({ filter: audience.filter, q: '', sort: 'newest' })
  }

  /** Count them, once the choice has rested. Returns the way to stop. */
  recount(pause = PAUSE_MS): () => void {
    this.#asked?.abort()
    const { body, templated } = this
    if (!body) {
      this.count = null
      this.state = 'idle'
      return () => undefined
    }
    const asked = (this.#asked = new AbortController())
    this.state = 'counting'
    const timer = setTimeout(async () => {
      try {
        const count = await this.casting.audience({ ...body, templated: [...templated] }, asked.signal)
        if (asked.signal.aborted) return
        this.count = count
        this.state = 'ready'
      } catch (thrown) {
        if (asked.signal.aborted) return
        problemOf(thrown)
        this.state = 'failed'
      }
    }, pause)
    return () => {
      clearTimeout(timer)
      asked.abort()
    }
  }
}
