/** A desk of cardboard, for tests: it answers what it is told to, and tells what a test wants told. */
import type { Answer, Live, Status } from '#shared/live'
import { memoryStorage } from '#shared/store/outbox_storage'
import type { AttachmentOut, FromVisitor, ToVisitor, VisitorChat, VisitorMessage, VisitorState } from '#shared/wire.gen'
import { vi } from 'vitest'
import type { Desk } from '../../apps/widget/desk'
import { chatOf, config } from '../../apps/widget/fixtures'
import type { Keep } from '../../apps/widget/keep'
import type { Unsent } from '../../apps/widget/lines'
import { Visit } from '../../apps/widget/visit.svelte'

const NAMES = { agent: 'Maya', bot: 'Fern', customer: 'Adaeze', system: '' }

export function entry(
  seq: number,
  kind: keyof typeof NAMES,
  { minute = seq, ...more }: Partial<VisitorMessage> & { minute?: number } = {}
): VisitorMessage {
  return {
    id: seq, chat_id: 1, kind: kind === 'system' ? 'event' : 'text', author: { kind, name: NAMES[kind], hue: 0 }, body: `number ${seq}`,
    data: {}, client_id: null, pub_seq: seq, created_at: new Date(2026, 2, 14, 10, minute).toISOString(),
    edited_at: null, deleted_at: null, ...more
  }
}

let files = 0
export function attachment(more: Partial<AttachmentOut> = {}): AttachmentOut {
  return {
    id: ++files, kind: 'document', name: 'receipt.pdf', size: 1000, content_type: 'application/pdf', width: null, height: null,
    duration_ms: null, url: `/media/t/file/9999999999/s/receipt.pdf`, thumb_url: null, ...more
  }
}

export function chat(state: VisitorChat['state'], pub_seq: number, more: Partial<VisitorChat> = {}): VisitorChat {
  return chatOf(state, [], { id: 1, pub_seq, version: pub_seq, ...more })
}

type Listener = (payload: never) => void
type Reply = (payload: never) => Answer<unknown>

export class Cardboard {
  state: VisitorState = { name: null, email: null, known: false, chat: null, messages: [], place: null, notices: { items: [], wanted: true } }
  readonly replies: { [event in keyof FromVisitor]?: Reply } = {}
  readonly asked: { event: string; payload: never }[] = []
  readonly storage = memoryStorage<Unsent>()
  readonly seen = new Map<number, number>()
  readonly connect = vi.fn(async () => this.live())
  #listeners = new Map<string, Set<Listener>>()
  #watchers = new Set<(status: Status) => void>()
  status: Status = { state: 'connected' }

  readonly keep: Keep = {
    token: null,
    draft: '',
    seen: id => this.seen.get(id) ?? null,
    see: (id, seq) => void this.seen.set(id, seq)
  }

  readonly desk: Desk = {
    open: vi.fn(async () => ({ token: 'a token of 256 bit, or so', config, state: this.state })),
    config: vi.fn(async () => config),
    state: vi.fn(async () => this.state),
    saveDetails: vi.fn(async ({ name }) => ({ ...this.state, name, known: true })),
    messages: vi.fn(async () => ({ messages: [], head: 0, more: false })),
    askForPerson: vi.fn(async () => chat('queued', 1, { version: 9 })),
    leave: vi.fn(async () => chat('ended', 1, { version: 9 })),
    end: vi.fn(async () => chat('ended', 1, { version: 9 })),
    rateAnswer: vi.fn(async () => this.state.chat!),
    heed: vi.fn(async word => {
      const { items } = this.state.notices
      const left = word === 'seen' ? items.map(each => ({ ...each, seen: true })) : items.filter(each => word !== `${each.id}/close`)
      return (this.state.notices = { items: left, wanted: typeof word === 'boolean' ? word : this.state.notices.wanted })
    }),
    rate: vi.fn(async (_, rating) => chat('ended', 1, { version: 9, rating })),
    emailInstead: vi.fn(async () => chat('queued', 1, { version: 9, reply_by_email: true })),
    leaveMessage: vi.fn(async ({ body, client_id }) => ({
      message: entry(1, 'customer', { id: 901, chat_id: 9, body, client_id }),
      chat: chat('queued', 1, { id: 9, reply_by_email: true })
    })),
    mailTranscript: vi.fn(async () => undefined),
    upload: vi.fn(async file => attachment({ name: file.name, size: file.size })),
    discardFile: vi.fn(async () => undefined),
    file: vi.fn(async id => attachment({ id })),
    article: vi.fn(async () => ({ id: 1, title: 'Tall plants', body: 'On a pallet.' })),
    help: vi.fn(async () => []),
    connect: () => this.connect()
  }

  async visit(): Promise<Visit> {
    const visit = new Visit({ siteKey: 'pk_test', desk: this.desk, keep: this.keep, openStorage: async () => this.storage })
    await visit.begin('/')
    await vi.advanceTimersByTimeAsync(0)
    return visit
  }

  tell<E extends keyof ToVisitor>(event: E, payload: ToVisitor[E]): void {
    for (const hear of this.#listeners.get(event) ?? []) hear(payload as never)
  }

  become(status: Status): void {
    this.status = status
    for (const watch of this.#watchers) watch(status)
  }

  live(): Live<'/visitor'> {
    return {
      status: this.status,
      on: (event, hear) => {
        const listeners = this.#listeners.get(event) ?? new Set()
        this.#listeners.set(event, listeners.add(hear as Listener))
        return () => void listeners.delete(hear as Listener)
      },
      ask: async (event, payload) => {
        this.asked.push({ event, payload: payload as never })
        if (this.status.state !== 'connected') return { ok: false, error: { code: 'offline', message: '' } }
        const reply = this.replies[event]
        return (reply ? reply(payload as never) : { ok: true, data: {} }) as never
      },
      subscribe: watch => {
        this.#watchers.add(watch)
        watch(this.status)
        return () => void this.#watchers.delete(watch)
      },
      retry: vi.fn(),
      close: vi.fn()
    }
  }
}
