/** A chat of the history being read: among its session's entries, or among all of its customer's. */
import type { ChatDetail, ChatOut, MessageOut, SessionStretch, Timeline } from '#shared/wire.gen'
import type { Reading as How } from '../place.svelte'
import { joined } from '../rules/reading'
import type { Archive, TimelinePlace } from './archive'
import { problemOf } from './problem'
import type { Server } from './server'

type Edge = 'none' | 'idle' | 'loading' | 'failed'

const FIRST = 60
const MORE = 50

export class Reading {
  state = $state<'loading' | 'ready' | 'failed' | 'missing'>('loading')
  detail = $state.raw<ChatDetail | null>(null)
  items = $state.raw<readonly MessageOut[]>([])
  older = $state<Edge>('none')
  newer = $state<Edge>('none')
  /** Sessions of the customer that this reader may see, and since when. */
  sessionsTotal = $state(0)
  since = $state('')
  /** The message a link pointed at is not there (any more). */
  lost = $state(false)
  /** The message that the first page lies around. */
  mark = $state<number | null>(null)
  #sessions = $state.raw<ReadonlyMap<number, SessionStretch>>(new Map())

  constructor(
    readonly id: number,
    readonly how: How,
    private readonly server: Pick<Server, 'chat'>,
    private readonly archive: Pick<Archive, 'timeline'>
  ) {}

  get sessions(): SessionStretch[] {
    return [...this.#sessions.values()]
  }

  /** @param message where to open; at the end of the chat when there is none */
  async load(message: number | null): Promise<void> {
    this.state = 'loading'
    this.lost = false
    try {
      this.detail = await this.server.chat(this.id)
      const end = this.detail.messages.messages.at(-1)?.id ?? null
      let page: Timeline
      try {
        page = await this.#page(around(message ?? end))
        this.mark = message ?? end
      } catch (thrown) {
        if (message === null || problemOf(thrown).code !== 'not_found') throw thrown
        page = await this.#page(around(end))
        this.mark = end
        this.lost = true
      }
      this.#sessions = new Map(page.sessions.map(each => [each.id, each]))
      this.items = page.items
      this.sessionsTotal = page.sessions_total
      this.since = page.since
      this.older = page.older ? 'idle' : 'none'
      this.newer = page.newer ? 'idle' : 'none'
      this.state = 'ready'
    } catch (thrown) {
      this.state = problemOf(thrown).code === 'not_found' ? 'missing' : 'failed'
    }
  }

  async loadOlder(): Promise<void> {
    const [first] = this.items
    if (!first || this.older === 'none' || this.older === 'loading') return
    this.older = 'loading'
    await this.#extend({ before: first.id, limit: MORE }, page => (this.older = page ? (page.older ? 'idle' : 'none') : 'failed'))
  }

  async loadNewer(): Promise<void> {
    const last = this.items.at(-1)
    if (!last || this.newer === 'none' || this.newer === 'loading') return
    this.newer = 'loading'
    await this.#extend({ after: last.id, limit: MORE }, page => (this.newer = page ? (page.newer ? 'idle' : 'none') : 'failed'))
  }

  /** Every entry there is, for paper. False when one page of it could not be had. */
  async loadAll(): Promise<boolean> {
    while (this.older !== 'none' && this.state === 'ready') {
      await this.loadOlder()
      if (this.older === 'failed') return false
    }
    while (this.newer !== 'none' && this.state === 'ready') {
      await this.loadNewer()
      if (this.newer === 'failed') return false
    }
    return this.state === 'ready'
  }

  /** Something was written in one of these chats. What lies behind entries that were not fetched comes with them. */
  hear(message: MessageOut): void {
    const ours = this.sessions.some(session => session.chats.some(chat => chat.id === message.chat_id))
    if (ours && this.newer === 'none') this.items = joined(this.items, [message])
  }

  hearChat(chat: ChatOut): void {
    const session = this.#sessions.get(chat.session_id)
    if (!session) return
    const chats = session.chats.map(each => (each.id === chat.id && each.version <= chat.version ? chat : each))
    this.#sessions = new Map(this.#sessions).set(session.id, { ...session, chats })
    if (this.detail?.chat.id === chat.id && this.detail.chat.version <= chat.version) this.detail = { ...this.detail, chat }
  }

  #page(where: TimelinePlace): Promise<Timeline> {
    const { session_id, customer } = this.detail!.chat
    return this.how === 'session' ? this.archive.timeline('session', session_id, where) : this.archive.timeline('customer', customer.id, where)
  }

  async #extend(where: TimelinePlace, arrived: (page: Timeline | null) => void): Promise<void> {
    try {
      const page = await this.#page(where)
      const sessions = [...this.sessions, ...page.sessions].toSorted((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at) || a.id - b.id)
      this.#sessions = new Map(sessions.map(each => [each.id, each]))
      this.items = joined(this.items, page.items)
      arrived(page)
    } catch (thrown) {
      arrived(null)
      // The customer was erased while somebody read: nothing of theirs stays on the screen.
      if (problemOf(thrown).code !== 'not_found') return
      this.items = []
      this.state = 'missing'
    }
  }
}

const around = (message: number | null): TimelinePlace => (message === null ? { limit: FIRST } : { around: message, limit: FIRST })
