/** Everything one signed-in agent sees, wired to the server: asked once, told from then on. */
import type { Live, Status } from '#shared/live'
import { ChatStore } from '#shared/store/chats'
import { follow, type Following } from '#shared/store/follow'
import { Outbox, type Outgoing } from '#shared/store/outbox'
import type { OutboxStorage } from '#shared/store/outbox_storage'
import type { Thread } from '#shared/store/thread'
import { consoleView } from '#shared/store/views'
import type {
  Alert, CannedOut, ChatOut, CutOff, ErrorOut, MeOut, MessageAck, MessageOut, TagOut
} from '#shared/wire.gen'
import { SvelteMap } from 'svelte/reactivity'
import type { Unsent } from '../rules/timeline'
import { belongs } from '../rules/lists'
import { Catalogue } from './catalogue.svelte'
import { Desk } from './desk.svelte'
import { Drafts } from './drafts.svelte'
import { Inbox, type Chats } from './inbox.svelte'
import { OpenChat } from './open_chat.svelte'
import { problemOf } from './problem'
import type { Server } from './server'
import { TypingBook } from './typing.svelte'

export interface SendExtra {
  internal: boolean
}

/** News that somebody may want to hear or see beside the screen. */
export interface Listeners {
  message(message: MessageOut, chat: ChatOut): void
  queued(chat: ChatOut): void
  alert(alert: Alert): void
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
const GIVEN_BACK = new Set(['not_owner', 'state_conflict', 'not_found', 'forbidden', 'invalid', 'too_large'])
/** "Back online" counts what is sent within this time of the return. */
const BACK_MS = 1_500

export class Console {
  readonly chats: Chats = new ChatStore(consoleView, new SvelteMap<number, Thread<ChatOut, MessageOut>>())
  readonly typing = new TypingBook()
  readonly desk: Desk
  readonly inbox: Inbox
  readonly drafts: Drafts
  readonly canned: Catalogue<CannedOut>
  readonly tags: Catalogue<TagOut>
  readonly server: Server
  readonly live: Live<'/console'>
  status = $state.raw<Status>({ state: 'connecting', since: Date.now() })
  open = $state.raw<OpenChat | null>(null)
  #unsent = $state.raw<Outgoing<SendExtra>[]>([])
  #sent = 0
  #wasConnected = false
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
    this.drafts = new Drafts(me.agent.id)
    this.canned = new Catalogue(server.canned)
    this.tags = new Catalogue(server.tags)
    this.#outbox = new Outbox<SendExtra, MessageAck>({
      storage,
      send: message => live.ask('message:send', {
        chat_id: Number(message.line), client_id: message.client_id, body: message.body, internal: message.extra.internal
      }),
      onSent: (_, { message }) => this.#stored(message),
      onFailed: (message, error) => this.#refused(message, error),
      onChange: () => (this.#unsent = this.#outbox.messages())
    })
    // Listening to news happens before `follow` applies it, so that what was before can still be compared.
    this.#quit = [
      live.on('message:new', message => this.#hearMessage(message)),
      live.on('chat:changed', chat => this.#hearChat(chat)),
      live.on('chat:typing', typing => this.typing.hear(typing)),
      live.on('presence:changed', this.desk.hearPresence),
      live.on('queue:counts', this.desk.hearCounts),
      live.on('desk:changed', this.desk.hearSettings),
      live.on('alert', alert => listeners.alert(alert)),
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
    return Promise.all([this.desk.load(), this.inbox.load(), this.open?.load()])
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
    this.open = id === null ? null : new OpenChat(id, this.chats, this.server, this.live, this.desk.myId, this.#following.check)
    void this.open?.load()
  }

  send(chatId: number, body: string, internal: boolean): void {
    void this.#outbox.add(String(chatId), body, { internal })
  }

  retry = (clientId: string): void => void this.#outbox.retry(clientId)
  discard = (clientId: string): void => void this.#outbox.discard(clientId)

  unsentIn(chatId: number): Unsent[] {
    return this.#unsent
      .filter(each => each.line === String(chatId))
      .map(({ client_id, body, extra, written_at, state }) => ({
        client_id, body, internal: extra.internal, at: new Date(written_at).toISOString(), failed: state === 'failed'
      }))
  }

  stop(): void {
    this.open?.close()
    for (const quit of this.#quit) quit()
    this.live.close()
  }

  #hearMessage(message: MessageOut): void {
    this.typing.said(message.chat_id, message.author.kind, message.author.id)
    const chat = this.chats.chat(message.chat_id)
    const news = chat && message.all_seq > chat.all_seq && message.author.kind === 'customer' && message.kind === 'text'
    if (news && chat.owner?.id === this.desk.myId) this.#listeners.message(message, chat)
  }

  #hearChat(chat: ChatOut): void {
    const before = this.chats.chat(chat.id)
    const { me } = this.desk
    const came = chat.state === 'queued' && before?.state !== 'queued'
    if (came && belongs('queue', chat, { agent: me, readsAll: false })) this.#listeners.queued(chat)
  }

  #hearStatus(status: Status): void {
    this.status = status
    if (status.state === 'refused') this.#listeners.cut('expired')
    if (status.state !== 'connected') return
    if (this.#wasConnected) void this.load()
    else if (this.open) void this.open.load()
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
    this.drafts.giveBack(chatId, message.extra.internal ? 'note' : 'reply', message.body)
    this.discard(message.client_id)
    void this.fetchChat(chatId)
    this.#listeners.refused(chatId, error)
  }
}
