/** The notes that name this agent, or a team of theirs. */
import type { MentionItem, OverviewOut } from '#shared/wire.gen'
import { problemOf } from './problem'
import type { Server } from './server'

/** Those not seen yet first, the newest on top. */
export const inMentionOrder = (mentions: readonly MentionItem[]): MentionItem[] =>
  [...mentions].sort((a, b) => Number(a.seen) - Number(b.seen) || b.id - a.id)

export class Mentions {
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle')
  items = $state.raw<readonly MentionItem[]>([])
  unseen = $state(0)
  more = $state(false)
  busy = $state(false)
  #asked = 0

  constructor(private readonly server: Server) {}

  readonly sorted = $derived(inMentionOrder(this.items))

  heed({ mentions }: Pick<OverviewOut, 'mentions'>): void {
    this.unseen = mentions
  }

  /** Somebody has just named this agent. */
  named(): void {
    this.unseen += 1
    if (this.state !== 'idle') void this.load()
  }

  load = (): Promise<void> => this.#ask(null)
  loadMore = (): Promise<void> => this.#ask(Math.min(...this.items.map(each => each.id)))

  /** Shown at once as seen, and so for every mention in a chat that is opened. */
  async see(ids: readonly number[]): Promise<void> {
    const fresh = this.items.filter(each => !each.seen && ids.includes(each.id))
    if (fresh.length === 0) return
    this.#mark(fresh)
    await this.server.seeMentions(fresh.map(each => each.id)).catch(problemOf)
  }

  /** Opening a chat by any way shows the notes in it. */
  async seeChat(chatId: number): Promise<void> {
    if (this.unseen === 0) return
    if (this.state === 'idle') await this.load()
    await this.see(this.items.filter(each => each.chat_id === chatId).map(each => each.id))
  }

  async seeAll(): Promise<void> {
    await this.server.seeMentions([])
    this.#mark(this.items)
    this.unseen = 0
  }

  #mark(seen: readonly MentionItem[]): void {
    const ids = new Set(seen.map(each => each.id))
    this.unseen = Math.max(0, this.unseen - seen.filter(each => !each.seen).length)
    this.items = this.items.map(each => (ids.has(each.id) ? { ...each, seen: true } : each))
  }

  /** Only the last question counts: one who is named while the list is on its way wants the list that says so. */
  async #ask(before: number | null): Promise<void> {
    const asked = before === null ? ++this.#asked : this.#asked
    if (this.state !== 'ready') this.state = 'loading'
    this.busy = true
    try {
      const page = await this.server.mentions(before)
      if (asked !== this.#asked) return
      this.items = before === null ? page.items : [...this.items, ...page.items]
      this.unseen = page.unseen
      this.more = page.more
      this.state = 'ready'
    } catch (thrown) {
      problemOf(thrown)
      if (asked === this.#asked && this.state === 'loading') this.state = 'failed'
    } finally {
      if (asked === this.#asked) this.busy = false
    }
  }
}
