/** The lists of the inbox: fetched once, kept true by what is told, and never moving under the pointer. */
import type { ChatOut, MessageOut } from '#shared/wire.gen'
import type { ChatStore } from '#shared/store/chats'
import { belongs, inOrder, settle, type ListName, type Settled } from '../rules/lists'
import type { Desk } from './desk.svelte'
import { problemOf } from './problem'
import type { Server } from './server'

export type Chats = ChatStore<ChatOut, MessageOut>

/** How long the row of a lost chat stays, with the name of who took it. */
export const FADE_MS = 2_500

/** A row that stays while an agent reaches for it, and a moment longer if somebody else was faster. */
export interface Kept {
  chat: ChatOut
  /** Undefined while it is not decided; then who took it, or null when it just left. */
  takenBy: string | null | undefined
}

export class ChatList {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  /** Where the next page begins; null when everything is here. */
  next = $state<string | null>(null)
  held = $state(false)
  kept = $state.raw<ReadonlyMap<number, Kept>>(new Map())
  #drawn: readonly number[] = []

  constructor(
    readonly name: ListName,
    private readonly chats: Chats,
    private readonly desk: Desk,
    private readonly server: Server
  ) {}

  /** Every chat of this list that is known, in its order, whatever is drawn. */
  readonly all = $derived.by(() => inOrder(this.name, this.chats.chats(), this.#reader()))

  readonly unread = $derived(this.all.filter(chat => chat.unread > 0).length)

  /** What to draw, given which chats pass the reader's filter. */
  arrange(passes: (chat: ChatOut) => boolean): Settled {
    const wanted = this.all.filter(passes).map(chat => chat.id)
    const settled = settle(this.#drawn, this.#withKept(wanted), this.held)
    this.#drawn = settled.shown
    return settled
  }

  async load(teamId: number | null = null): Promise<void> {
    if (this.state === 'failed') this.state = 'loading'
    const before = new Map(this.chats.chats().map(chat => [chat.id, chat]))
    try {
      const page = await this.server.list(this.name, teamId, null)
      for (const chat of page.items) this.chats.putChat(chat)
      this.next = page.next
      if (page.next === null) this.#forgetWhatLeft(page.items, before, teamId)
      this.state = 'ready'
    } catch (thrown) {
      problemOf(thrown)
      if (this.state === 'loading') this.state = 'failed'
    }
  }

  async more(teamId: number | null = null): Promise<void> {
    const page = await this.server.list(this.name, teamId, this.next)
    for (const chat of page.items) this.chats.putChat(chat)
    this.next = page.next
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
    this.kept = new Map(this.kept).set(chat.id, { chat, takenBy })
    setTimeout(() => this.release(chat), FADE_MS)
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
  #forgetWhatLeft(snapshot: ChatOut[], before: ReadonlyMap<number, ChatOut>, teamId: number | null): void {
    const present = new Set(snapshot.map(chat => chat.id))
    for (const chat of this.chats.chats()) {
      if (present.has(chat.id) || before.get(chat.id) !== chat || this.chats.isOpen(chat.id)) continue
      const asked = teamId === null || chat.team?.id === teamId
      if (asked && belongs(this.name, chat, this.#reader())) this.chats.threads.delete(chat.id)
    }
  }

  #reader() {
    return { agent: this.desk.me, readsAll: this.desk.can('chat.read_all') || this.desk.can('chat.supervise') }
  }
}

export class Inbox {
  readonly queue: ChatList
  readonly mine: ChatList
  readonly bot: ChatList
  /** Team whose queue alone is shown; null shows all. */
  team = $state<number | null>(null)

  constructor(chats: Chats, desk: Desk, server: Server) {
    const list = (name: ListName) => new ChatList(name, chats, desk, server)
    this.queue = list('queue')
    this.mine = list('mine')
    this.bot = list('bot')
    this.#supervises = desk.can('chat.supervise')
  }

  readonly #supervises: boolean

  /** The lists this agent may see, in the order of their keys. */
  get lists(): ChatList[] {
    return this.#supervises ? [this.queue, this.mine, this.bot] : [this.queue, this.mine]
  }

  load(): Promise<unknown> {
    return Promise.all(this.lists.map(list => list.load()))
  }
}
