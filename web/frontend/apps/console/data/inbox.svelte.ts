/** The lists of the inbox: fetched once, kept true by what is told, and never moving under the pointer. */
import type { ChatOut, MessageOut } from '#shared/wire.gen'
import type { ChatStore } from '#shared/store/chats'
import { belongs, inOrder, settle, type ListName, type Settled } from '../rules/lists'
import { EVERYTHING, fits, narrowed, sameFilter, type QueueFilter } from '../rules/narrowing'
import type { Desk } from './desk.svelte'
import { problemOf } from './problem'
import type { Server } from './server'

export type Chats = ChatStore<ChatOut, MessageOut>

/** How long the row of a lost chat stays, with the name of who took it. */
export const FADE_MS = 2_500
/** What is told can change which chats hold the words sought; the server is asked again, so often at most. */
export const ASK_AGAIN_MS = 700

/** A row that stays while an agent reaches for it, and a moment longer if somebody else was faster. */
export interface Kept {
  chat: ChatOut
  /** Undefined while it is not decided; then who took it, or null when it just left. */
  takenBy: string | null | undefined
}

export class ChatList {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  /** The answer to a filter is on its way; the rows of the one before stay meanwhile. */
  narrowing = $state(false)
  filter = $state.raw<QueueFilter>(EVERYTHING)
  /** Where the next page begins; null when everything that fits is here. */
  next = $state<string | null>(null)
  held = $state(false)
  kept = $state.raw<ReadonlyMap<number, Kept>>(new Map())
  /** The chats that hold the words sought, as the server last said; null while none are sought. */
  #found = $state.raw<ReadonlySet<number> | null>(null)
  /** How many the server has, while they are not all here. */
  #total = $state(0)
  #asked = 0
  #again: ReturnType<typeof setTimeout> | undefined
  #drawn: readonly number[] = []

  constructor(
    readonly name: ListName,
    private readonly chats: Chats,
    private readonly desk: Desk,
    private readonly server: Server
  ) {}

  /** Every chat of this list that is known, in its order, whatever it is narrowed to. */
  readonly all = $derived.by(() => inOrder(this.name, this.chats.chats(), this.#reader()))

  /** Those that fit the filter. */
  readonly fitting = $derived(this.all.filter(chat => fits(chat, this.filter, this.#found)))

  readonly unread = $derived(this.all.filter(chat => chat.unread > 0).length)

  /** How many there are, those on pages not fetched yet included. */
  readonly count = $derived(Math.max(this.all.length, this.#total))

  /** What to draw. */
  arrange(): Settled {
    const settled = settle(this.#drawn, this.#withKept(this.fitting.map(chat => chat.id)), this.held)
    this.#drawn = settled.shown
    return settled
  }

  /** Narrow it, or show all again. */
  narrow(filter: QueueFilter): void {
    if (sameFilter(filter, this.filter)) return
    this.filter = filter
    if (filter.q === '') this.#found = null
    if (this.#asked > 0) void this.load()
  }

  /** Everything, and what fits the filter where there is one: the shortest way to the longest-waiting stays known. */
  async load(): Promise<void> {
    if (this.state === 'failed') this.state = 'loading'
    const asked = ++this.#asked
    const { filter } = this
    this.narrowing = narrowed(filter)
    try {
      await Promise.all([this.#loadFirst(EVERYTHING, asked), narrowed(filter) && this.#loadFirst(filter, asked)])
      this.state = 'ready'
    } catch (thrown) {
      problemOf(thrown)
      if (this.state === 'loading') this.state = 'failed'
    } finally {
      if (asked === this.#asked) this.narrowing = false
    }
  }

  async more(): Promise<void> {
    const { filter, next } = this
    const page = await this.server.list(this.name, filter, next)
    for (const chat of page.items) this.chats.putChat(chat)
    if (!sameFilter(filter, this.filter) || next !== this.next) return
    this.next = page.next
    this.#find(filter, [...(this.#found ?? []), ...page.items.map(chat => chat.id)])
  }

  /** Something of this list was told: whether it holds the words sought, only the server can say. */
  stirred(): void {
    if (this.filter.q === '' || this.#again !== undefined) return
    this.#again = setTimeout(() => {
      this.#again = undefined
      if (this.filter.q !== '') void this.load()
    }, ASK_AGAIN_MS)
  }

  /** The agent reaches for it: the row stays where it is until the answer comes. */
  reach(chat: ChatOut): void {
    this.kept = new Map(this.kept).set(chat.id, { chat, takenBy: undefined })
  }

  /** Let the row go where its chat belongs. */
  release(chat: ChatOut): void {
    const kept = new Map(this.kept)
    kept.delete(chat.id)
    this.kept = kept
  }

  /** Keep the row for a moment longer, and say who was faster. */
  lose(chat: ChatOut, takenBy: string | null): void {
    const kept = { chat, takenBy }
    this.kept = new Map(this.kept).set(chat.id, kept)
    setTimeout(() => {
      if (this.kept.get(chat.id) === kept) this.release(chat)
    }, FADE_MS)
  }

  /** Somebody took a chat of this list, or it is not there for anybody. Where its row is drawn and nobody here reaches for it, it says so. */
  taken(chat: ChatOut, by: string | null): void {
    if (this.#drawn.includes(chat.id) && !this.kept.has(chat.id)) this.lose(chat, by)
  }

  stop(): void {
    clearTimeout(this.#again)
  }

  async #loadFirst(filter: QueueFilter, asked: number): Promise<void> {
    const before = new Map(this.chats.chats().map(chat => [chat.id, chat]))
    const page = await this.server.list(this.name, filter, null)
    for (const chat of page.items) this.chats.putChat(chat)
    if (asked !== this.#asked) return
    if (page.next === null && filter.q === '') this.#forgetWhatLeft(page.items, before, filter)
    if (!narrowed(filter)) this.#total = page.next === null ? 0 : page.total
    if (sameFilter(filter, this.filter)) this.next = page.next
    if (narrowed(filter)) this.#find(filter, page.items.map(chat => chat.id))
  }

  #find(filter: QueueFilter, ids: readonly number[]): void {
    if (filter.q !== '') this.#found = new Set(ids)
  }

  /** A kept row holds the place it had, so it fades where the agent clicked. */
  #withKept(wanted: number[]): number[] {
    const rows = [...wanted]
    for (const id of this.kept.keys()) {
      if (rows.includes(id)) continue
      const place = this.#drawn.indexOf(id)
      rows.splice(place < 0 ? rows.length : place, 0, id)
    }
    return rows
  }

  /** A chat that a whole snapshot lacks, and that nothing changed while it travelled, left unheard. */
  #forgetWhatLeft(snapshot: ChatOut[], before: ReadonlyMap<number, ChatOut>, filter: QueueFilter): void {
    const present = new Set(snapshot.map(chat => chat.id))
    for (const chat of this.chats.chats()) {
      if (present.has(chat.id) || before.get(chat.id) !== chat || this.chats.isOpen(chat.id)) continue
      if (fits(chat, filter, null) && belongs(this.name, chat, this.#reader())) this.chats.threads.delete(chat.id)
    }
  }

  #reader() {
    const supervises = this.desk.can('chat.supervise')
    return { agent: this.desk.me, readsAll: supervises || this.desk.can('chat.read_all'), supervises }
  }
}

export class Inbox {
  readonly queue: ChatList
  readonly mine: ChatList
  readonly escalations: ChatList
  readonly bot: ChatList

  constructor(chats: Chats, desk: Desk, server: Server) {
    const list = (name: ListName) => new ChatList(name, chats, desk, server)
    this.queue = list('queue')
    this.mine = list('mine')
    this.escalations = list('escalations')
    this.bot = list('bot')
    this.#supervises = desk.can('chat.supervise')
  }

  readonly #supervises: boolean

  /** The lists this agent may see, in the order of their keys. */
  get lists(): ChatList[] {
    const everybodys = [this.queue, this.mine, this.escalations]
    return this.#supervises ? [...everybodys, this.bot] : everybodys
  }

  load(): Promise<unknown> {
    return Promise.all(this.lists.map(list => list.load()))
  }

  stop(): void {
    for (const list of [this.queue, this.mine, this.escalations, this.bot]) list.stop()
  }
}
