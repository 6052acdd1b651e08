/** What an agent does with a chat. Whatever others can race for waits for the server's word; the rest shows at once. */
import type { Toasts } from '#shared/kit/toasts.svelte'
import type { AssignBody, CancelBody, ChatOut, EndBody, ErrorOut, EscalateBody, MessageOut, MoveBody, RejectBody, TagOut } from '#shared/wire.gen'
import { SvelteSet } from 'svelte/reactivity'
import { t } from '../i18n'
import { allowed, obstacle, type Allowed, type Obstacle } from '../rules/allowed'
import { UNDO_S } from '../rules/ending'
import { isDirected } from '../rules/escalating'
import type { Console } from './console.svelte'
import type { ChatList } from './inbox.svelte'
import { problemOf, sentenceOf } from './problem'

/** The race for a chat is over: somebody else has it, it is in another state, or the offer of it is closed. */
const LOST = new Set(['already_taken', 'state_conflict', 'not_found', 'offer_closed', 'not_target'])

/** A key pressed right after signing in waits so long for the desk. */
const PATIENCE_MS = 8_000
const LOOK_MS = 50

export class Actions {
  #hurrying = false
  #arrived = false
  /** Chats with a command on its way. */
  readonly busy = new SvelteSet<number>()
  /** Chats that end in a moment unless the agent takes it back. */
  readonly ending = new SvelteSet<number>()

  constructor(
    private readonly console: Console,
    private readonly toasts: Toasts,
    private readonly goToMine: (id: number) => void
  ) {}

  allowed(chat: ChatOut, now = Date.now()): Allowed {
    return allowed(chat, this.console.desk.me, this.console.desk.can, now)
  }

  /** Why this agent cannot take one more chat, or null. */
  get obstacle(): Obstacle | null {
    const { desk, connected } = this.console
    return obstacle(desk.me, this.load, connected)
  }

  /** Why this agent cannot accept what is offered, or null. Of an offer to them alone the place is kept already. */
  obstacleTo(chat: ChatOut): Obstacle | null {
    const why = this.obstacle
    return why === 'full' && isDirected(chat, this.console.desk.myId) ? null : why
  }

  /** Own chats, and those offered to this agent alone. The lists are newer than the figure among the people, once they are here. */
  get load(): number {
    const { desk: { me }, inbox: { mine, escalations } } = this.console
    if (mine.state !== 'ready' || escalations.state !== 'ready') return me.load
    return mine.all.length + escalations.all.filter(chat => isDirected(chat, me.id)).length
  }

  get room(): number {
    return Math.max(0, this.console.desk.me.limit - this.load)
  }

  start = (chat: ChatOut): Promise<void> => this.#take(chat, this.console.inbox.queue, id => this.console.server.start(id))
  takeover = (chat: ChatOut): Promise<void> => {
    const { bot, queue } = this.console.inbox
    return this.#take(chat, chat.state === 'bot' ? bot : queue, id => this.console.server.takeover(id))
  }
  accept = (chat: ChatOut): Promise<void> => this.#take(chat, this.console.inbox.escalations, id => this.console.server.accept(id))

  /** Who would be started next: the longest-waiting of what the queue is narrowed to. */
  get next(): ChatOut | undefined {
    return this.console.inbox.queue.fitting[0]
  }

  /** The one who has waited longest. Pressed before the desk is there, it waits for it. */
  startNext = async (): Promise<void> => {
    if (this.#hurrying) return
    this.#hurrying = true
    try {
      await this.#deskIsThere()
    } finally {
      this.#hurrying = false
    }
    if (this.next) await this.start(this.next)
  }

  /** Null when it is done; else the refusal, for the dialog to show. */
  async assign(chat: ChatOut, body: AssignBody): Promise<ErrorOut | null> {
    const name = this.console.desk.agents.get(body.agent_id)?.name ?? ''
    const error = await this.#command(chat, id => this.console.server.assign(id, body))
    if (!error) this.toasts.show(t('assign.done', { customer: chat.customer.name, name }))
    return error
  }

  /** @param target by name, for what is said when it is done */
  async escalate(chat: ChatOut, body: EscalateBody, target: string): Promise<ErrorOut | null> {
    const error = await this.#command(chat, id => this.console.server.escalate(id, body))
    if (!error) this.toasts.show(t('escalate.done', { customer: chat.customer.name, target }))
    return error
  }

  async reject(chat: ChatOut, body: RejectBody): Promise<ErrorOut | null> {
    const error = await this.#command(chat, id => this.console.server.reject(id, body))
    if (!error) this.toasts.show(t('reject.done', { customer: chat.customer.name, name: chat.escalation?.origin.name ?? '' }))
    return error
  }

  /** One press: nothing is asked, and a refusal is said where it is read. */
  async cancelEscalation(chat: ChatOut, reason: NonNullable<CancelBody['reason']> | null = null): Promise<void> {
    if (this.busy.has(chat.id)) return
    const error = await this.#command(chat, id => this.console.server.cancelEscalation(id, { reason }))
    this.toasts.show(error ? sentenceOf(error) : t('escalation.cancelled', { name: chat.customer.name }), { tone: error ? 'bad' : 'neutral' })
  }

  async giveBack(chat: ChatOut, reason: string): Promise<ErrorOut | null> {
    const error = await this.#command(chat, id => this.console.server.giveBack(id, reason))
    if (!error) this.toasts.show(t('chat.returned', { name: chat.customer.name }))
    return error
  }

  async move(chat: ChatOut, body: MoveBody): Promise<ErrorOut | null> {
    const error = await this.#command(chat, id => this.console.server.move(id, body))
    if (!error) this.toasts.show(t('move.done', { name: chat.customer.name }))
    return error
  }

  /** From a colleague: the dialog has asked, and shows a refusal. */
  async takeOver(chat: ChatOut): Promise<ErrorOut | null> {
    const error = await this.#command(chat, id => this.console.server.takeover(id))
    if (!error) this.goToMine(chat.id)
    return error
  }

  /** Whether the words stand now. The log hears of it by itself. */
  async correct(message: MessageOut, body: string): Promise<boolean> {
    return this.#said(() => this.console.server.editMessage(message.chat_id, message.id, body))
  }

  async delete(message: MessageOut): Promise<boolean> {
    return this.#said(() => this.console.server.deleteMessage(message.chat_id, message.id))
  }

  /** What a channel did not take goes once more; how far it is stands with the message. */
  async sendAgain(chatId: number, messageId: number, deliveryId: number): Promise<boolean> {
    return this.#said(async () => {
      const delivery = await this.console.server.sendAgain(deliveryId)
      this.console.chats.changeMessage(chatId, messageId, message => ({ ...message, delivery }))
    })
  }

  async #said(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask()
      return true
    } catch (thrown) {
      this.toasts.show(sentenceOf(problemOf(thrown)), { tone: 'bad' })
      return false
    }
  }

  /** Waits a few seconds on this page before it is sent. Whoever closes the page meanwhile has not ended the chat. */
  end(chat: ChatOut, body: EndBody, mailTo: string | null = null): void {
    this.ending.add(chat.id)
    this.toasts.show(t('end.pending', { name: chat.customer.name }), {
      seconds: UNDO_S,
      action: { label: t('end.undo'), run: () => void this.ending.delete(chat.id) },
      onexpire: () => void this.#endNow(chat, body, mailTo)
    })
  }

  /** Of a chat that ended by itself: why it did. */
  async explain(chat: ChatOut, body: EndBody): Promise<void> {
    const error = await this.#command(chat, id => this.console.server.giveReason(id, body))
    this.toasts.show(error ? sentenceOf(error) : t('late.explained', { name: chat.customer.name }), { tone: error ? 'bad' : 'ok' })
  }

  async #endNow(chat: ChatOut, body: EndBody, mailTo: string | null): Promise<void> {
    const error = await this.#command(chat, id => this.console.server.end(id, body))
    this.ending.delete(chat.id)
    if (error) return void this.toasts.show(sentenceOf(error), { tone: 'bad' })
    this.toasts.show(t('end.done', { name: chat.customer.name }), { tone: 'ok' })
    if (mailTo === null) return
    await this.#said(() => this.console.server.mailTranscript(chat.id, { email: mailTo }))
  }

  /** Shown at once, and taken back if the server will not have it. */
  async setTags(chat: ChatOut, tags: TagOut[]): Promise<void> {
    const { chats, server } = this.console
    chats.putChat({ ...chat, tags })
    try {
      chats.putChat(await server.setTags(chat.id, tags.map(tag => tag.id)))
    } catch (thrown) {
      this.toasts.show(`${t('details.tags_failed')} ${sentenceOf(problemOf(thrown))}`, { tone: 'bad' })
      const now = chats.chat(chat.id)
      if (now) chats.putChat({ ...now, tags: chat.tags })
    }
  }

  /** The list is here, the socket is open and the desk has heard that we came; or it takes too long to wait for. */
  async #deskIsThere(): Promise<void> {
    const { console } = this
    for (let waited = 0; !this.#arrived && waited < PATIENCE_MS; waited += LOOK_MS) {
      const { me } = console.desk
      this.#arrived = console.connected && me.status === me.chosen_status && console.inbox.queue.state !== 'loading'
      if (!this.#arrived) await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
    this.#arrived = true
  }

  async #take(chat: ChatOut, list: ChatList, ask: (id: number) => Promise<ChatOut>): Promise<void> {
    if (this.busy.has(chat.id)) return
    const hindered = this.obstacleTo(chat)
    if (hindered) return void this.toasts.show(t(`capacity.${hindered}`))
    list.reach(chat)
    const error = await this.#command(chat, ask)
    if (!error || !LOST.has(error.code)) list.release(chat)
    if (!error) return this.goToMine(chat.id)
    if (!LOST.has(error.code)) return void this.toasts.show(sentenceOf(error), { tone: 'bad' })
    list.lose(chat, error.by?.name ?? null)
    if (this.console.open?.id === chat.id) this.toasts.show(sentenceOf(error))
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
