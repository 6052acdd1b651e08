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

/** A row that stays a moment after its chat has gone to somebody else. */
export interface Lost {
  chat: ChatOut
  /** Who took it; null when it just left. */
  by: string | null
}

export class ChatList {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  /** Where the next page begins; null when everything is here. */
  next = $state<string | null>(null)
  held = $state(false)
  lost = $state.raw<ReadonlyMap<number, Lost>>(new Map())
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
    const settled = settle(this.#drawn, this.#withLost(wanted), this.held)
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

  /** Keep the row for a moment and say who was faster. */
  lose(chat: ChatOut, by: string | null): void {
    this.lost = new Map(this.lost).set(chat.id, { chat, by })
    setTimeout(() => {
      const lost = new Map(this.lost)
      lost.delete(chat.id)
      this.lost = lost
    }, FADE_MS)
  }

  /** A lost chat keeps the place it had, so the row fades where the agent clicked. */
  #withLost(wanted: number[]): number[] {
    const rows = [...wanted]
    for (const id of this.lost.keys()) {
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
