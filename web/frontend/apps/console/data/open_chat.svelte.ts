/** The chat on the screen: its customer, its log, and what is told while it is looked at. */
import type { Live } from '#shared/live'
import type { AgentBrief, ChatOut, CustomerOut, HandOut, MessageOut, SessionBrief } from '#shared/wire.gen'
import type { Drafts } from './drafts.svelte'
import type { Chats } from './inbox.svelte'
import { problemOf } from './problem'
import type { Server } from './server'
import { TypingTeller } from './typing.svelte'

export class OpenChat {
  state = $state<'loading' | 'ready' | 'failed' | 'missing'>('loading')
  older = $state<'idle' | 'loading' | 'failed'>('idle')
  customer = $state.raw<CustomerOut | null>(null)
  /** The customer's last issues, this one included. */
  sessions = $state.raw<SessionBrief[]>([])
  /** The last entry read before this chat was opened; the "New" line follows it. Null when nothing was new, or everything is. */
  readTo = $state<number | null>(null)
  /** Colleagues who have this chat open now. */
  viewers = $state.raw<AgentBrief[]>([])
  /** Through whose hands it went, offers that nobody took included. */
  hands = $state.raw<HandOut[]>([])
  readonly typing: TypingTeller
  #toldRead = 0

  constructor(
    readonly id: number,
    private readonly chats: Chats,
    private readonly server: Server,
    private readonly live: Live<'/console'>,
    private readonly myId: number,
    private readonly drafts: Drafts,
    private readonly check: (id: number) => void
  ) {
    this.typing = new TypingTeller(on => void live.ask('chat:typing', { chat_id: id, on }))
    chats.open(id)
  }

  get chat(): ChatOut | null {
    return this.chats.chat(this.id)
  }

  get messages(): readonly MessageOut[] {
    return this.chats.messages(this.id)
  }

  get hasOlder(): boolean {
    return this.chats.hasOlder(this.id)
  }

  /** Fetch it, and hear of every word from now on. Called again after each reconnect. */
  async load(): Promise<void> {
    if (this.state === 'failed') this.state = 'loading'
    void this.live.ask('chat:watch', { chat_id: this.id })
    try {
      const detail = await this.server.chat(this.id)
      if (this.state !== 'ready') this.#markUnread(detail.chat, detail.messages.messages)
      this.customer = detail.customer
      this.hearViewers(this.id, detail.viewers)
      this.drafts.adopt(this.id, detail.drafts)
      this.sessions = detail.sessions
      this.hands = detail.hands
      this.chats.putChat(detail.chat)
      this.chats.putPage(this.id, detail.messages.messages)
      this.state = 'ready'
      this.check(this.id)
    } catch (thrown) {
      const { code } = problemOf(thrown)
      if (this.state === 'loading') this.state = code === 'not_found' ? 'missing' : 'failed'
    }
  }

  hearCustomer(customer: CustomerOut): void {
    if (customer.id !== this.customer?.id) return
    const erased = customer.erased_at !== null && this.customer.erased_at === null
    const joined = customer.joins.map(each => each.id).join() !== this.customer.joins.map(each => each.id).join()
    this.customer = customer
    if (erased) this.#forgetWords()
    else if (joined) void this.load() // with another's past beside their own, or without it again
  }

  /** The customer was erased: what was said goes from this screen as well. */
  #forgetWords(): void {
    this.chats.close(this.id)
    this.chats.open(this.id)
    void this.load()
  }

  /** Told before it is known: where the chat has changed hands, or an offer has begun or ended, the chain has grown. */
  hearChat(chat: ChatOut, before: ChatOut | null): void {
    if (chat.id !== this.id || !before) return
    if (this.customer && chat.customer.id !== this.customer.id) return void this.load() // they are somebody we knew already
    const grown = chat.owner?.id !== before.owner?.id || chat.escalation?.id !== before.escalation?.id
    if (grown) void this.#loadHands()
  }

  async #loadHands(): Promise<void> {
    try {
      this.hands = (await this.server.chat(this.id)).hands
    } catch (thrown) {
      problemOf(thrown) // The chain stays as it was until the chat is read again.
    }
  }

  hearViewers(chatId: number, viewers: readonly AgentBrief[]): void {
    if (chatId === this.id) this.viewers = viewers.filter(each => each.id !== this.myId)
  }

  async loadOlder(): Promise<void> {
    const first = this.messages[0]
    if (!first || !this.hasOlder || this.older === 'loading') return
    this.older = 'loading'
    try {
      const page = await this.server.messagesBefore(this.id, first.all_seq)
      this.chats.putPage(this.id, page.messages)
      this.older = 'idle'
    } catch (thrown) {
      problemOf(thrown)
      this.older = 'failed'
    }
  }

  /** The agent has the end of the log before their eyes. */
  seen(): void {
    const chat = this.chat
    if (chat?.owner?.id !== this.myId) return
    const seq = this.messages.findLast(message => message.pub_seq !== null)?.pub_seq ?? 0
    if (seq <= this.#toldRead) return
    this.#toldRead = seq
    this.chats.putReceipt({ chat_id: this.id, side: 'agent', delivered_seq: seq, read_seq: seq })
    void this.#tellRead(seq)
  }

  async #tellRead(seq: number): Promise<void> {
    const answer = await this.live.ask('chat:read', { chat_id: this.id, seq })
    if (!answer.ok) this.#toldRead = 0
  }

  close(): void {
    this.typing.stopped()
    this.chats.close(this.id)
    void this.live.ask('chat:unwatch', { chat_id: this.id })
  }

  #markUnread(chat: ChatOut, messages: readonly MessageOut[]): void {
    if (chat.owner?.id !== this.myId || chat.unread === 0) return
    this.readTo = messages.findLast(each => each.pub_seq !== null && each.pub_seq <= chat.agent_read_seq)?.all_seq ?? null
  }
}
