/**
 * A visitor's visit: who they are, their conversation, and the line to the desk.
 *
 * Everything the screens show is here; what the desk tells changes it, and the few verbs below ask the desk for
 * something. The socket is opened only once there is an open chat, or something to send.
 */
import { ApiError } from '#shared/api'
import type { Answer, Live, Status } from '#shared/live'
import { ChatStore } from '#shared/store/chats'
import { follow, type Following } from '#shared/store/follow'
import { Outbox } from '#shared/store/outbox'
import type { OutboxStorage } from '#shared/store/outbox_storage'
import type { Thread } from '#shared/store/thread'
import { visitorView } from '#shared/store/views'
import type {
  AttachmentOut, ErrorOut, HelpArticle, NoticeList, QueuePlace, Source, Typing, VisitorChat, VisitorDetails, VisitorMessage, VisitorSent,
  VisitorState, WidgetConfig
} from '#shared/wire.gen'
import { unseen } from './answers'
import type { Desk, NoticeWord } from './desk'
import type { Keep } from './keep'
import type { Episode, SendExtra, Unsent } from './lines'
import { TypingSignal } from './typing'
import { Watched } from './watched.svelte'
import { Writing } from './writing.svelte'

export interface Doors {
  siteKey: string
  desk: Desk
  keep: Keep
  openStorage(): Promise<OutboxStorage<Unsent>>
}

/** Everything a visitor writes keeps one order, whichever chat it ends up in. */
const LINE = 'visit'
/** Somebody who stopped typing without saying so. */
const TYPING_FADES_MS = 5000
const OFFLINE: Answer<never> = { ok: false, error: { code: 'offline', message: 'There is no connection.' } }

export class Visit {
  config = $state.raw<WidgetConfig | null>(null)
  /** Why the visit could not begin. */
  trouble = $state.raw<ErrorOut | null>(null)
  name = $state<string | null>(null)
  email = $state<string | null>(null)
  known = $state(false)
  place = $state.raw<QueuePlace | null>(null)
  /** What the desk said unasked, and whether it may. */
  notices = $state.raw<NoticeList>({ items: [], wanted: true })
  typing = $state.raw<Typing | null>(null)
  unsent = $state.raw<readonly Unsent[]>([])
  /** Null while no socket is wanted. */
  status = $state.raw<Status | null>(null)

  readonly writing: Writing
  readonly #doors: Doors
  readonly #threads = new Watched<number, Thread<VisitorChat, VisitorMessage>>()
  readonly #store = new ChatStore(visitorView, this.#threads)
  readonly #delivered = new Watched<number, number>()
  readonly #typingSignal = new TypingSignal(on => this.#sayTyping(on))
  #outbox: Outbox<SendExtra, VisitorSent> | null = null
  #live: Promise<Live<'/visitor'>> | null = null
  #line: Live<'/visitor'> | null = null
  #following: Following | null = null
  #page = ''
  #reading = $state(false)
  #seen = $state(0)
  #fade: ReturnType<typeof setTimeout> | undefined
  /** A message being left, until the desk has it: a repeated one must not be stored twice, another one must be. */
  #leaving: { body: string; clientId: string } | null = null

  readonly chat = $derived.by(() => this.#store.chats().toSorted((a, b) => b.id - a.id)[0] ?? null)
  readonly messages = $derived.by(() => (this.chat ? this.#store.messages(this.chat.id) : []))
  readonly hasOlder = $derived.by(() => this.chat !== null && this.#store.hasOlder(this.chat.id))
  readonly isOpen = $derived(this.chat !== null && this.chat.state !== 'ended')
  readonly unseenNotices = $derived(this.notices.items.filter(notice => !notice.seen).length)
  readonly unread = $derived((this.#reading ? 0 : unseen(this.messages, this.#seen)) + this.unseenNotices)
  readonly episodes = $derived.by(() => this.#episodes())
  /** The desk, or the team that is to answer, is closed until then. As the desk said it last. */
  readonly opensAt = $derived(this.place ? this.place.opens_at : (this.config?.opens_at ?? null))
  readonly blocked = $derived(this.unsent.some(({ error }) => error?.code === 'blocked'))

  constructor(doors: Doors) {
    this.#doors = doors
    this.writing = new Writing(doors.keep, doors.desk)
  }

  /** Start or resume the session. What an earlier page left unsent goes out now. */
  async begin(page: string): Promise<void> {
    const { siteKey, desk, keep } = this.#doors
    this.#page = page
    this.trouble = null
    const returning = keep.token !== null
    try {
      const opened = await desk.open({
        key: siteKey,
        token: keep.token,
        page,
        language: navigator.language,
        time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone
      })
      keep.token = opened.token
      this.config = opened.config
      this.adopt(opened.state)
      await this.#openOutbox()
      // Whoever has been here before may be told something unasked; a new visitor costs no line until they write.
      if (returning || this.isOpen || this.unsent.length > 0) void this.#goLive()
      if (opened.state.chat?.previous_chat_id) void this.#fetchEarlier(opened.state.chat.previous_chat_id)
    } catch (reason) {
      this.trouble = errorIn(reason)
    }
  }

  /** Take a snapshot in. */
  adopt(state: VisitorState): void {
    this.name = state.name
    this.email = state.email
    this.known = state.known
    this.place = state.place
    this.notices = state.notices
    const { chat } = state
    if (!chat) return
    const news = !this.#threads.has(chat.id)
    this.#store.putChat(chat)
    this.#store.putPage(chat.id, state.messages)
    this.#store.open(chat.id)
    // A browser that has kept nothing has shown everything: no badge for what was read elsewhere.
    if (news) this.#seen = this.#doors.keep.seen(chat.id) ?? this.#store.applied(chat.id)
    if (this.#reading) this.#see()
  }

  async saveDetails(details: VisitorDetails): Promise<void> {
    this.adopt(await this.#doors.desk.saveDetails(details))
  }

  async send(body: string, extra: SendExtra = {}): Promise<void> {
    this.#typingSignal.over()
    const outbox = await this.#openOutbox()
    await outbox.add(LINE, body, extra)
    void this.#goLive()
  }

  /** What was not sent goes back into the box. */
  async takeBack({ client_id, body, extra }: Unsent): Promise<void> {
    if (this.config) await this.writing.takeBack(body, extra, this.config.uploads)
    await this.#outbox?.discard(client_id)
  }

  /** Leave a message while nobody is there. What was typed stays until the desk has it. */
  async leaveMessage(body: string, { name, email, topic }: { name: string; email: string; topic: string }): Promise<void> {
    if (this.#leaving?.body !== body) this.#leaving = { body, clientId: crypto.randomUUID() }
    const sent = await this.#doors.desk.leaveMessage({ client_id: this.#leaving.clientId, body, email, name, topic })
    this.#leaving = null
    this.email = email
    this.name = name || this.name
    this.#stored(sent)
    void this.#goLive()
  }

  /** In line: have the answer by e-mail. */
  async emailInstead(email: string): Promise<void> {
    if (!this.chat) return
    await this.#command(this.#doors.desk.emailInstead(this.chat.id, email))
    this.email = email
  }

  async mailTranscript(email: string): Promise<void> {
    if (this.chat) await this.#doors.desk.mailTranscript(this.chat.id, email)
  }

  /** A stored file with links that are good again. */
  file(id: number): Promise<AttachmentOut> {
    return this.#doors.desk.file(id)
  }

  /** Say something about the notices; how they are then stands here. */
  async heed(word: NoticeWord): Promise<void> {
    this.notices = await this.#doors.desk.heed(word)
  }

  /** Ask whether the desk is open now, and without a line what has come since. Without an answer, what it said last stands. */
  async recheckOpening(): Promise<void> {
    try {
      this.config = await this.#doors.desk.config()
    } catch {
      return
    }
    if (!this.#line || this.chat?.state === 'queued') await this.#refresh()
  }

  async retry(clientId: string): Promise<void> {
    await this.#outbox?.retry(clientId)
  }

  /** Ask for a person: from the assistant, or with the first words of a new chat. */
  async askForPerson(wish: string): Promise<void> {
    const { chat } = this
    if (chat?.state === 'bot') await this.#command(this.#doors.desk.askForPerson(chat.id))
    else if (!this.isOpen) await this.send(wish)
  }

  /** Give up waiting. Who has been picked up meanwhile stays in the chat. */
  async leave(): Promise<void> {
    if (this.chat && this.isOpen) await this.#command(this.#doors.desk.leave(this.chat.id))
  }

  async end(): Promise<void> {
    if (this.chat && this.isOpen) await this.#command(this.#doors.desk.end(this.chat.id))
  }

  /** A thumb on an answer of the assistant, in this chat or an earlier one. */
  async rateAnswer(entry: VisitorMessage, helped: boolean): Promise<void> {
    const chat = await this.#doors.desk.rateAnswer(entry.chat_id, entry.id, helped)
    if (chat.id === this.chat?.id) await this.#command(Promise.resolve(chat))
  }

  async rate(stars: number, comment: string): Promise<void> {
    if (this.chat) await this.#command(this.#doors.desk.rate(this.chat.id, stars, comment))
  }

  help(query: string): Promise<HelpArticle[]> {
    return this.#doors.desk.help(query)
  }

  /** The article a source names. */
  articleOf(source: Source): Promise<HelpArticle> {
    return this.#doors.desk.article(source.id)
  }

  /** Everything before the newest page; afterwards the log is whole. */
  async fetchOlder(): Promise<void> {
    const { chat, messages } = this
    const first = messages[0]?.pub_seq
    if (chat && first) this.#store.putPage(chat.id, await this.#allAfter(chat.id, 0, first - 1))
  }

  typed(text: string): void {
    this.#typingSignal.typed(text)
  }

  /** Whether the visitor is looking at the newest words. */
  setReading(reading: boolean): void {
    this.#reading = reading
    if (reading) this.#see()
  }

  retryLine(): void {
    this.#line?.retry()
  }

  #episodes(): Episode[] {
    const ordered = [...this.#threads.values()].toSorted((a, b) => a.id - b.id)
    return ordered.flatMap(({ id, chat, messages }) => {
      if (messages.length === 0) return []
      // An earlier chat is known by its messages alone: its ticks are no longer news.
      const agentRead = chat?.agent_read_seq ?? Infinity
      return [{ chatId: id, entries: messages, agentRead, agentDelivered: Math.max(agentRead, this.#delivered.get(id) ?? 0) }]
    })
  }

  async #openOutbox(): Promise<Outbox<SendExtra, VisitorSent>> {
    if (this.#outbox) return this.#outbox
    const outbox: Outbox<SendExtra, VisitorSent> = new Outbox<SendExtra, VisitorSent>({
      storage: await this.#doors.openStorage(),
      send: item => this.#deliver(item),
      onChange: () => (this.unsent = outbox.messages())
    })
    this.#outbox ??= outbox
    if (this.#outbox === outbox) await outbox.restore()
    return this.#outbox
  }

  async #deliver({ client_id, body, extra }: Unsent): Promise<Answer<VisitorSent>> {
    const live = await this.#goLive()
    const { topic, quote, attachments, notice } = extra
    const message = { client_id, body, ...(topic && { topic }), ...(notice && { notice_id: notice }), ...(attachments && { attachment_ids: attachments.map(each => each.id) }) }
    let answer = live ? await live.ask('message:send', { ...message, ...(quote && { quote_id: quote.id }) }) : OFFLINE
    // What it answers to is gone, or belongs to a chat that has ended since: the words go all the same.
    if (quote && live && !answer.ok && answer.error.code === 'unknown_message') answer = await live.ask('message:send', message)
    // The stored row is in the log before the waiting one leaves the outbox, so nothing flickers.
    if (answer.ok) this.#stored(answer.data)
    return answer
  }

  #stored({ message, chat }: VisitorSent): void {
    const isNew = !this.#threads.has(chat.id)
    if (isNew) this.#store.putPage(chat.id, []) // nothing of it is known: its numbers are counted from the start
    this.#store.open(chat.id)
    this.#store.putMessage(message)
    this.#store.putChat(chat)
    if (isNew) this.#seen = 0
    this.#see()
    this.#following?.check(chat.id)
  }

  async #command(asked: Promise<VisitorChat>): Promise<void> {
    try {
      const chat = await asked
      this.#store.putChat(chat)
      if (chat.state !== 'queued') this.place = null
      this.#following?.check(chat.id)
    } catch (reason) {
      // Somebody was quicker, or the chat is over: the screen catches up, and whoever asked says so.
      void this.#refresh()
      throw reason
    }
  }

  async #refresh(): Promise<void> {
    try {
      this.adopt(await this.#doors.desk.state())
    } catch {
      // The next heads, or the next connection, ask again.
    }
  }

  async #fetchEarlier(chatId: number): Promise<void> {
    try {
      this.#store.putPage(chatId, await this.#allAfter(chatId, 0))
    } catch {
      // Only the past is missing; the conversation goes on without it.
    }
  }

  async #allAfter(chatId: number, after: number, upTo = Infinity): Promise<VisitorMessage[]> {
    const all: VisitorMessage[] = []
    for (let more = true; more; ) {
      const page = await this.#doors.desk.messages(chatId, after)
      all.push(...page.messages)
      after = page.messages.at(-1)?.pub_seq ?? Infinity
      more = page.more && after < upTo
    }
    return all
  }

  async #goLive(): Promise<Live<'/visitor'> | null> {
    this.#live ??= this.#doors.desk.connect().then(live => this.#listen(live))
    try {
      return await this.#live
    } catch {
      this.#live = null // its code could not be loaded: the outbox tries again
      return null
    }
  }

  #listen(live: Live<'/visitor'>): Live<'/visitor'> {
    this.#line = live
    this.#following = follow({
      store: this.#store,
      news: live,
      sync: async (chat_id, after) => {
        const answer = await live.ask('chat:sync', { chat_id, after })
        return answer.ok ? answer.data : null
      },
      fetchChat: () => this.#refresh()
    })
    live.on('message:new', message => this.#heard(message))
    live.on('chat:changed', chat => {
      if (chat.state !== 'queued') this.place = null
      if (this.#store.messages(chat.id).length === 0) void this.#refresh() // begun in another tab
    })
    live.on('queue:place', place => (this.place = place))
    live.on('notices:changed', notices => (this.notices = notices))
    live.on('chat:typing', typing => this.#showTyping(typing.on ? typing : null))
    live.on('chat:receipt', ({ side, chat_id, delivered_seq }) => {
      if (side === 'agent') this.#delivered.set(chat_id, Math.max(delivered_seq, this.#delivered.get(chat_id) ?? 0))
    })
    live.on('cut:off', ({ reason }) => void this.#startOver(reason === 'joined'))
    live.subscribe(status => {
      this.status = status
      if (status.state === 'refused') void this.#startOver()
      if (status.state !== 'connected') return this.#showTyping(null)
      void this.#refresh()
      this.#outbox?.wake()
      this.writing.retryLost()
    })
    return live
  }

  /**
   * The desk does not know this visitor any more: begin as a new one. What is unsent stays and goes along.
   * Who is known as somebody else now (`still`) only comes again.
   */
  async #startOver(still = false): Promise<void> {
    this.#following?.stop()
    this.#line?.close()
    this.#line = this.#live = this.#following = null
    this.#threads.clear()
    if (!still) this.#doors.keep.token = null
    this.status = null
    await this.begin(this.#page)
  }

  #heard(message: VisitorMessage): void {
    if (message.author.kind !== 'customer') this.#showTyping(null)
    if (this.#reading) return this.#see()
    void this.#line?.ask('chat:read', { chat_id: message.chat_id, seq: message.pub_seq, only_delivered: true })
  }

  #see(): void {
    const { chat } = this
    const seq = chat ? this.#store.applied(chat.id) : 0
    if (!chat || seq <= this.#seen) return
    this.#seen = seq
    this.#doors.keep.see(chat.id, seq)
    void this.#line?.ask('chat:read', { chat_id: chat.id, seq })
  }

  #showTyping(typing: Typing | null): void {
    clearTimeout(this.#fade)
    this.typing = typing?.kind === 'customer' ? null : typing
    if (typing) this.#fade = setTimeout(() => (this.typing = null), TYPING_FADES_MS)
  }

  #sayTyping(on: boolean): void {
    if (this.chat && this.isOpen) void this.#line?.ask('chat:typing', { chat_id: this.chat.id, on })
  }
}

/** The refusal in what was thrown. */
export function errorIn(reason: unknown): ErrorOut {
  return reason instanceof ApiError ? reason.error : { code: 'unknown', message: String(reason) }
}
