/** Ended chats: searched, narrowed and paged by the server. Only the answer to the last question counts. */
import type { ChatDetail, ChatOut, MessageOut } from '#shared/wire.gen'
import { problemOf } from './problem'
import type { HistoryFilter, Server } from './server'

export class History {
  filter = $state.raw<HistoryFilter>({ scope: 'all', q: '', reason: null, agentId: null, teamId: null })
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  /** More of the same, or a newer answer, is on its way while the rows stay. */
  busy = $state(false)
  items = $state.raw<readonly ChatOut[]>([])
  total = $state(0)
  #next: string | null = null
  #asked: AbortController | null = null

  constructor(private readonly server: Server) {}

  get more(): boolean {
    return this.#next !== null
  }

  get narrowed(): boolean {
    const { q, reason, agentId, teamId } = this.filter
    return q !== '' || reason !== null || agentId !== null || teamId !== null
  }

  narrow(change: Partial<HistoryFilter>): void {
    this.filter = { ...this.filter, ...change }
    void this.load()
  }

  load = (): Promise<void> => this.#ask(null)
  loadMore = (): Promise<void> => this.#ask(this.#next)

  async #ask(after: string | null): Promise<void> {
    this.#asked?.abort()
    const asked = (this.#asked = new AbortController())
    if (this.state === 'failed') this.state = 'loading'
    this.busy = true
    try {
      const page = await this.server.history(this.filter, after, asked.signal)
      this.items = after === null ? page.items : [...this.items, ...page.items]
      if (page.total !== null) this.total = page.total
      this.#next = page.next
      this.state = 'ready'
    } catch (thrown) {
      if (asked.signal.aborted) return
      problemOf(thrown)
      if (after === null) this.state = 'failed'
    } finally {
      if (this.#asked === asked) this.busy = false
    }
  }
}

/** One ended chat, read from its end backwards. */
export class Transcript {
  state = $state<'loading' | 'ready' | 'failed' | 'missing'>('loading')
  older = $state<'idle' | 'loading' | 'failed'>('idle')
  detail = $state.raw<ChatDetail | null>(null)
  messages = $state.raw<readonly MessageOut[]>([])
  hasOlder = $state(false)

  constructor(
    readonly id: number,
    private readonly server: Server
  ) {}

  async load(): Promise<void> {
    this.state = 'loading'
    try {
      const detail = await this.server.chat(this.id)
      this.detail = detail
      this.messages = detail.messages.messages
      this.hasOlder = detail.messages.more
      this.state = 'ready'
    } catch (thrown) {
      this.state = problemOf(thrown).code === 'not_found' ? 'missing' : 'failed'
    }
  }

  async loadOlder(): Promise<void> {
    const [first] = this.messages
    if (!first || this.older === 'loading') return
    this.older = 'loading'
    try {
      const page = await this.server.messagesBefore(this.id, first.all_seq)
      this.messages = [...page.messages, ...this.messages]
      this.hasOlder = page.more
      this.older = 'idle'
    } catch (thrown) {
      problemOf(thrown)
      this.older = 'failed'
    }
  }
}
