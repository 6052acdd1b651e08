/** Everything one signed-in agent sees, wired to the server: asked once, told from then on. */
import type { Live, Status } from '#shared/live'
import { ChatStore } from '#shared/store/chats'
import { follow, type Following } from '#shared/store/follow'
import { Outbox, type Outgoing } from '#shared/store/outbox'
import type { OutboxStorage } from '#shared/store/outbox_storage'
import type { Thread } from '#shared/store/thread'
import { consoleView } from '#shared/store/views'
import { upload } from '#shared/upload'
import type {
  AlarmOut, Alert, AttributeOut, CannedOut, CatalogueChanged, ChatOut, CustomerOut, CutOff, EndReasonOut, ErrorOut, MeOut, MessageAck, MessageOut, TagUse, TemplateSend
} from '#shared/wire.gen'
import { SvelteMap } from 'svelte/reactivity'
import { takeable } from '../rules/escalating'
import { learnReasons } from '../rules/reasons.svelte'
import type { Unsent } from '../rules/timeline'
import { belongs } from '../rules/lists'
import { Alarms } from './alarms.svelte'
import { Catalogue } from './catalogue.svelte'
import { Compose, type Enclosed, type Mode } from './compose.svelte'
import { Desk } from './desk.svelte'
import { Drafts } from './drafts.svelte'
import { Inbox, type Chats } from './inbox.svelte'
import { Mentions } from './mentions.svelte'
import { OpenChat } from './open_chat.svelte'
import { Outages } from './outages.svelte'
import { problemOf } from './problem'
import { People } from './people.svelte'
import { Promises } from './promises.svelte'
import type { Server } from './server'
import { TypingBook } from './typing.svelte'

/** What is kept with a text until it is sent, whole: a page opened later shows it as it was written. */
export interface SendExtra extends Enclosed {
  internal: boolean
}

/** News that somebody may want to hear or see beside the screen. */
export interface Listeners {
  message(message: MessageOut, chat: ChatOut): void
  queued(chat: ChatOut): void
  alert(alert: Alert): void
  /** Something does not get through any more, for those who keep the channels. */
  outage(begun: readonly AlarmOut[]): void
  /** A text was refused for good and lies in the composer again. */
  refused(chatId: number, error: ErrorOut): void
  /** The connection is back; how many messages it had kept are now sent. */
  backOnline(sent: number): void
  cut(reason: CutOff['reason']): void
}

interface Parts {
  me: MeOut
  server: Server
  live: Live<'/console'>
  storage: OutboxStorage<Outgoing<SendExtra>>
  listeners: Listeners
}

/** Refusals that the same text in the same chat would meet again: it goes back to the composer. */
const GIVEN_BACK = new Set([
  'not_owner', 'state_conflict', 'not_found', 'forbidden', 'invalid', 'too_large', 'unknown_message', 'unknown_attachment',
  'unknown_canned', 'unknown_mention', 'cannot_see'
])
/** "Back online" counts what is sent within this time of the return. */
const BACK_MS = 1_500

export class Console {
  readonly chats: Chats = new ChatStore(consoleView, new SvelteMap<number, Thread<ChatOut, MessageOut>>())
  readonly typing = new TypingBook()
  readonly desk: Desk
  readonly inbox: Inbox
  readonly drafts: Drafts
  readonly canned: Catalogue<CannedOut>
  readonly tags: Catalogue<TagUse>
  readonly endReasons: Catalogue<EndReasonOut>
  readonly attributes: Catalogue<AttributeOut>
  readonly people: People
  readonly promises: Promises
  readonly mentions: Mentions
  readonly alarms: Alarms
  readonly outages: Outages
  readonly server: Server
  readonly live: Live<'/console'>
  status = $state.raw<Status>({ state: 'connecting', since: Date.now() })
  open = $state.raw<OpenChat | null>(null)
  #unsent = $state.raw<Outgoing<SendExtra>[]>([])
  #sent = 0
  #wasConnected = false
  readonly #composing = new Map<string, Compose>()
  readonly #csrf: string
  readonly #outbox: Outbox<SendExtra, MessageAck>
  readonly #following: Following
  readonly #listeners: Listeners
  readonly #quit: (() => void)[]

  constructor({ me, server, live, storage, listeners }: Parts) {
    this.server = server
    this.live = live
    this.#listeners = listeners
    this.desk = new Desk(me, server)
    this.inbox = new Inbox(this.chats, this.desk, server)
    this.#csrf = me.csrf_token
    this.drafts = new Drafts(me.agent.id, async (chat_id, mode, body) => (await live.ask('chat:draft', { chat_id, mode, body })).ok)
    this.canned = new Catalogue(server.canned)
    this.tags = new Catalogue(server.tags)
    this.endReasons = new Catalogue(async () => {
      const list = await server.endReasons()
      learnReasons(list.items)
      return list
    })
    this.attributes = new Catalogue(server.attributes)
    this.people = new People(server, customer => this.#hearCustomer(customer))
    this.promises = new Promises(this.desk, server)
    this.mentions = new Mentions(server)
    this.alarms = new Alarms(this.inbox.queue, this.desk)
    this.outages = new Outages(this.desk, server, begun => listeners.outage(begun))
    this.desk.onOverview = overview => {
      this.promises.heed(overview)
      this.mentions.heed(overview)
    }
    this.#outbox = new Outbox<SendExtra, MessageAck>({
      storage,
      send: ({ line, client_id, body, extra: { internal, quote, attachments, canned_id, mentions } }) => live.ask('message:send', {
        chat_id: Number(line), client_id, body, internal,
        quote_id: quote?.id ?? null,
        attachment_ids: attachments?.map(each => each.id) ?? [],
        canned_id: canned_id ?? null,
        mentions: mentions?.map(({ kind, id }) => ({ kind, id })) ?? []
      }),
      onSent: (_, { message }) => this.#stored(message),
      onFailed: (message, error) => this.#refused(message, error),
      onChange: () => (this.#unsent = this.#outbox.messages())
    })
    // Listening to news happens before `follow` applies it, so that what was before can still be compared.
    this.#quit = [
      live.on('message:new', message => this.#hearMessage(message)),
      live.on('chat:changed', chat => this.#hearChat(chat)),
      live.on('message:delivery', ({ chat_id, message_id, delivery }) => this.chats.changeMessage(chat_id, message_id, message => ({ ...message, delivery }))),
      live.on('chat:typing', typing => this.typing.hear(typing)),
      live.on('presence:changed', this.desk.hearPresence),
      live.on('queue:counts', this.desk.hearCounts),
      live.on('desk:changed', this.desk.hearSettings),
      live.on('chat:viewers', ({ chat_id, viewers }) => this.open?.hearViewers(chat_id, viewers)),
      live.on('alert', alert => this.#hearAlert(alert)),
      live.on('promise:changed', this.promises.hear),
      live.on('customer:changed', customer => this.#hearCustomer(customer)),
      live.on('catalogue:changed', ({ what }) => this.#hearCatalogue(what)),
      live.on('cut:off', ({ reason }) => listeners.cut(reason))
    ]
    this.#following = follow({
      store: this.chats,
      news: live,
      sync: async (chatId, after) => {
        const answer = await live.ask('chat:sync', { chat_id: chatId, after })
        return answer.ok ? answer.data : null
      },
      fetchChat: id => this.fetchChat(id)
    })
    this.#quit.push(live.subscribe(status => this.#hearStatus(status)), () => this.#following.stop(), () => this.#outbox.close())
    void this.#outbox.restore()
  }

  get connected(): boolean {
    return this.status.state === 'connected'
  }

  load(): Promise<unknown> {
    return Promise.all([this.desk.load(), this.inbox.load(), this.outages.load(), this.open?.load()])
  }

  async fetchChat(id: number): Promise<void> {
    try {
      this.chats.putChat((await this.server.chat(id)).chat)
    } catch (thrown) {
      if (problemOf(thrown).code === 'not_found' && !this.chats.isOpen(id)) this.chats.threads.delete(id)
    }
  }

  /** Look at another chat, or at none. */
  show(id: number | null): void {
    if (this.open?.id === id) return
    this.open?.close()
    this.open = id === null ? null : new OpenChat(id, this.chats, this.server, this.live, this.desk.myId, this.drafts, this.#following.check)
    void this.open?.load()
    if (id !== null) void this.mentions.seeChat(id)
  }

  send(chatId: number, body: string, internal: boolean, enclosed: Enclosed = {}): void {
    void this.#outbox.add(String(chatId), body, { internal, ...enclosed })
  }

  /** An approved text, sent while somebody looks on: what is wrong with it is said beside its fields. Throws a refusal. */
  async sendTemplate(chatId: number, clientId: string, template: TemplateSend): Promise<void> {
    this.#stored((await this.server.sendTemplate(chatId, clientId, template)).message)
  }

  /** What is being put together for this chat. It outlives a look at another one. */
  composing(chatId: number, mode: Mode): Compose {
    const key = `${chatId}/${mode}`
    const known = this.#composing.get(key)
    if (known) return known
    const begun = new Compose(this.uploads)
    this.#composing.set(key, begun)
    return begun
  }

  /** How files go to this desk, for a message as for a canned one. */
  readonly uploads = {
    limits: () => this.desk.settings.uploads,
    send: (file: File, more: { signal: AbortSignal; onProgress: (share: number) => void }) =>
      upload(file, { path: '/api/uploads', headers: () => ({ 'x-csrf-token': this.#csrf }), ...more }),
    discard: (attachmentId: number) => this.server.discardUpload(attachmentId)
  }

  retry = (clientId: string): void => void this.#outbox.retry(clientId)
  discard = (clientId: string): void => void this.#outbox.discard(clientId)

  unsentIn(chatId: number): Unsent[] {
    return this.#unsent
      .filter(each => each.line === String(chatId))
      .map(({ client_id, body, extra, written_at, state }) => ({
        client_id, body, internal: extra.internal, quote: extra.quote ?? null, files: extra.attachments ?? [], at: new Date(written_at).toISOString(), failed: state === 'failed'
      }))
  }

  stop(): void {
    this.open?.close()
    this.inbox.stop()
    for (const quit of this.#quit) quit()
    this.live.close()
  }

  #hearMessage(message: MessageOut): void {
    this.typing.said(message.chat_id, message.author.kind, message.author.id)
    const chat = this.chats.chat(message.chat_id)
    if (chat?.state === 'queued') this.inbox.queue.stirred()
    const news = chat && message.all_seq > chat.all_seq && message.author.kind === 'customer' && message.kind === 'text'
    if (news && chat.owner?.id === this.desk.myId) this.#listeners.message(message, chat)
  }

  #hearChat(chat: ChatOut): void {
    const before = this.chats.chat(chat.id)
    const { me } = this.desk
    this.open?.hearChat(chat, before)
    const came = chat.state === 'queued' && before?.state !== 'queued'
    if (came && belongs('queue', chat, { agent: me, readsAll: false, supervises: false })) this.#listeners.queued(chat)
    if (chat.state === 'queued' || before?.state === 'queued') this.inbox.queue.stirred()
    const lost = before?.state === 'queued' && chat.state === 'active' && chat.owner !== null && chat.owner.id !== me.id
    if (lost) this.inbox.queue.taken(before, chat.owner!.name)
    if (before) this.#hearOffer(chat, before)
  }

  /** Whether this agent may accept what is offered. */
  mayTake(chat: ChatOut): boolean {
    return takeable(chat, { ...this.desk.me, supervises: this.desk.can('chat.supervise') })
  }

  /** An offer is closed, or is for somebody else now: its row says who has the chat, if somebody took it. */
  #hearOffer(chat: ChatOut, before: ChatOut): void {
    const may = this.mayTake(chat)
    if (may && !this.mayTake(before)) this.inbox.escalations.release(chat) // offered anew while its row still faded
    if (may || !this.mayTake(before)) return
    const { owner } = chat
    const declined = chat.escalation?.declined.some(each => each.agent.id === this.desk.myId) === true
    if (owner?.id === this.desk.myId || declined) return
    this.inbox.escalations.taken(before, owner !== null && owner.id !== before.owner?.id ? owner.name : null)
  }

  #hearAlert(alert: Alert): void {
    if (alert.kind === 'mentioned') this.mentions.named()
    if (alert.kind === 'waiting_long') {
      this.alarms.call(alert.chat_id)
      if (!this.chats.chat(alert.chat_id)) void this.fetchChat(alert.chat_id)
    }
    this.#listeners.alert(alert)
  }

  /** Somebody corrected what is known of a customer: their name stands in rows and headers too. */
  #hearCustomer(customer: CustomerOut): void {
    this.open?.hearCustomer(customer)
    const { id, name, hue, verified, online, blocked } = customer
    for (const chat of this.chats.chats()) {
      if (chat.customer.id === id) this.chats.putChat({ ...chat, customer: { id, name, hue, verified, online, blocked } })
    }
  }

  #hearCatalogue(what: CatalogueChanged['what']): void {
    if (what === 'alarms') void this.outages.load()
    if (what === 'tags') void this.tags.again()
    if (what === 'attributes') void this.attributes.again()
    if (what === 'end_reasons') void this.endReasons.again()
    if (what === 'canned') void this.canned.again()
    if (what === 'teams' || what === 'agents' || what === 'settings') void this.desk.load()
  }

  #hearStatus(status: Status): void {
    this.status = status
    if (status.state === 'refused') this.#listeners.cut('expired')
    if (status.state !== 'connected') return
    // What was read before anything could be heard may be old already, the first time too.
    void this.load()
    if (this.#wasConnected) {
      this.#sent = 0
      setTimeout(() => this.#listeners.backOnline(this.#sent), BACK_MS)
    }
    this.#wasConnected = true
    this.#outbox.wake()
    this.#following.checkAll()
  }

  #stored(message: MessageOut): void {
    this.#sent += 1
    this.chats.putMessage(message)
    this.#following.check(message.chat_id)
  }

  #refused(message: Outgoing<SendExtra>, error: ErrorOut): void {
    if (!GIVEN_BACK.has(error.code)) return
    const chatId = Number(message.line)
    const mode = message.extra.internal ? 'note' : 'reply'
    this.drafts.giveBack(chatId, mode, message.body)
    this.composing(chatId, mode).giveBack(message.extra)
    this.discard(message.client_id)
    void this.fetchChat(chatId)
    this.#listeners.refused(chatId, error)
  }
}
