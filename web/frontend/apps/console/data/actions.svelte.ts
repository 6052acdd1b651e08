/** What an agent does with a chat. Whatever others can race for waits for the server's word; the rest shows at once. */
import type { AssignBody, ChatOut, EndBody, ErrorOut, TagOut } from '#shared/wire.gen'
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { t } from '../i18n'
import { allowed, obstacle, type Allowed, type Obstacle } from '../rules/allowed'
import { UNDO_MS } from '../rules/ending'
import type { Console } from './console.svelte'
import { problemOf, sentenceOf } from './problem'
import type { Toasts } from './toasts.svelte'

/** The race for a chat is over: somebody else has it, or it is in another state. */
const LOST = new Set(['already_taken', 'state_conflict', 'not_found'])

export class Actions {
  /** Chats with a command on its way. */
  readonly busy = new SvelteSet<number>()
  /** Chats that end in a moment unless the agent takes it back. */
  readonly ending = new SvelteMap<number, ReturnType<typeof setTimeout>>()

  constructor(
    private readonly console: Console,
    private readonly toasts: Toasts,
    private readonly goToMine: (id: number) => void
  ) {}

  allowed(chat: ChatOut, now = Date.now()): Allowed {
    return allowed(chat, this.console.desk.myId, this.console.desk.can, now)
  }

  /** Why this agent cannot take one more chat, or null. */
  get obstacle(): Obstacle | null {
    const { desk, connected } = this.console
    return obstacle(desk.me, this.load, connected)
  }

  /** Own chats. The list is newer than the figure among the people, once it is here. */
  get load(): number {
    const { mine } = this.console.inbox
    return mine.state === 'ready' ? mine.all.length : this.console.desk.me.load
  }

  get room(): number {
    return Math.max(0, this.console.desk.me.limit - this.load)
  }

  start = (chat: ChatOut): Promise<void> => this.#take(chat, id => this.console.server.start(id))
  takeover = (chat: ChatOut): Promise<void> => this.#take(chat, id => this.console.server.takeover(id))

  /** The one who has waited longest. */
  startNext = async (): Promise<void> => {
    const [next] = this.console.inbox.queue.all
    if (next) await this.start(next)
  }

  /** Null when it is done; else the refusal, for the dialog to show. */
  async assign(chat: ChatOut, body: AssignBody): Promise<ErrorOut | null> {
    const name = this.console.desk.agents.get(body.agent_id)?.name ?? ''
    const error = await this.#command(chat, id => this.console.server.assign(id, body))
    if (!error) this.toasts.say(t('assign.done', { customer: chat.customer.name, name }))
    return error
  }

  async giveBack(chat: ChatOut, reason: string): Promise<ErrorOut | null> {
    const error = await this.#command(chat, id => this.console.server.giveBack(id, reason))
    if (!error) this.toasts.say(t('chat.returned', { name: chat.customer.name }))
    return error
  }

  /** Waits five seconds on this page before it is sent. Whoever closes the page meanwhile has not ended the chat. */
  end(chat: ChatOut, body: EndBody): void {
    const { name } = chat.customer
    const toast = this.toasts.say(t('end.pending', { name }), {
      lasts: UNDO_MS,
      action: { label: t('end.undo'), run: () => this.keepOpen(chat.id) }
    })
    this.ending.set(chat.id, setTimeout(async () => {
      this.ending.delete(chat.id)
      toast.dismiss()
      const error = await this.#command(chat, id => this.console.server.end(id, body))
      this.toasts.say(error ? sentenceOf(error) : t('end.done', { name }), error ? { tone: 'bad' } : {})
    }, UNDO_MS))
  }

  keepOpen(id: number): void {
    clearTimeout(this.ending.get(id))
    if (this.ending.delete(id)) this.toasts.say(t('end.undone'))
  }

  /** Shown at once, and taken back if the server will not have it. */
  async setTags(chat: ChatOut, tags: TagOut[]): Promise<void> {
    const { chats, server } = this.console
    chats.putChat({ ...chat, tags })
    try {
      chats.putChat(await server.setTags(chat.id, tags.map(tag => tag.id)))
    } catch (thrown) {
      this.toasts.say(`${t('details.tags_failed')} ${sentenceOf(problemOf(thrown))}`, { tone: 'bad' })
      const now = chats.chat(chat.id)
      if (now) chats.putChat({ ...now, tags: chat.tags })
    }
  }

  async #take(chat: ChatOut, ask: (id: number) => Promise<ChatOut>): Promise<void> {
    if (this.busy.has(chat.id)) return
    const obstacle = this.obstacle
    if (obstacle) return void this.toasts.say(t(`capacity.${obstacle}`))
    const error = await this.#command(chat, ask)
    if (!error) return this.goToMine(chat.id)
    if (!LOST.has(error.code)) return void this.toasts.say(sentenceOf(error), { tone: 'bad' })
    const list = chat.state === 'bot' ? this.console.inbox.bot : this.console.inbox.queue
    list.lose(chat, error.by?.name ?? null)
    if (this.console.open?.id === chat.id) this.toasts.say(sentenceOf(error))
  }

  async #command(chat: ChatOut, ask: (id: number) => Promise<ChatOut>): Promise<ErrorOut | null> {
    this.busy.add(chat.id)
    try {
      this.console.chats.putChat(await ask(chat.id))
      return null
    } catch (thrown) {
      void this.console.fetchChat(chat.id)
      return problemOf(thrown)
    } finally {
      this.busy.delete(chat.id)
    }
  }
}
