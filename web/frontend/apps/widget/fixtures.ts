/** Visits that never leave the page: one for each state, for the page of states and for tests. */
import type { Live, Status } from '#shared/live'
import { memoryStorage } from '#shared/store/outbox_storage'
import type {
  AttachmentOut, Source, VisitorAuthor, VisitorChat, VisitorMessage, VisitorOpened, VisitorState, WidgetConfig
} from '#shared/wire.gen'
import type { Desk } from './desk'
import type { Keep } from './keep'
import type { Unsent } from './lines'
import { Visit } from './visit.svelte'

export const config: WidgetConfig = {
  name: 'Fernhill & Co.',
  brand: '#2c6e49',
  greeting: 'Hello there.\nHow can we help?',
  teaser: 'Something drooping? Ask us.',
  bot_name: 'Fern',
  bot_enabled: true,
  reply_minutes: 2,
  agents: [
    { name: 'Maya Lindholm', hue: 330 },
    { name: 'Femi Adebayo', hue: 25 },
    { name: 'Mateusz Zieliński', hue: 140 }
  ],
  ask_name: true,
  topics: ['Orders & delivery', 'Plant care', 'Payments & accounts'].map(name => ({ name, opens_at: null })),
  opens_at: null,
  mail: true,
  uploads: { most_bytes: 5_242_880, most_files: 10, extensions: ['png', 'jpg', 'pdf'], scanned: false }
}

const CHAT = 7
const maya: VisitorAuthor = { kind: 'agent', name: 'Maya Lindholm', hue: 330 }
const fern: VisitorAuthor = { kind: 'bot', name: 'Fern', hue: 300 }
const me: VisitorAuthor = { kind: 'customer', name: 'Adaeze Okonkwo', hue: 25 }
const shop: VisitorAuthor = { kind: 'system', name: 'Fernhill & Co.', hue: 0 }
const system: VisitorAuthor = { kind: 'system', name: '', hue: 0 }
const article: Source = { kind: 'article', id: 3, title: 'The 30-day plant-health guarantee' }

const began = new Date(2026, 2, 14, 10, 40).getTime()

function say(author: VisitorAuthor, body: string, minute: number, data: VisitorMessage['data'] = {}) {
  return { author, body, minute, data, kind: author === system ? ('event' as const) : ('text' as const) }
}

export function entriesOf(said: readonly ReturnType<typeof say>[], chatId = CHAT): VisitorMessage[] {
  return said.map(({ minute, ...entry }, at) => ({
    ...entry,
    id: chatId * 100 + at,
    chat_id: chatId,
    client_id: entry.author === me ? `client-${chatId}-${at}` : null,
    pub_seq: at + 1,
    created_at: new Date(began + minute * 60_000).toISOString(),
    edited_at: null,
    deleted_at: null
  }))
}

export function chatOf(state: VisitorChat['state'], entries: readonly VisitorMessage[], more: Partial<VisitorChat> = {}): VisitorChat {
  return {
    id: CHAT, previous_chat_id: null, state, version: 1, pub_seq: entries.length, agent: null, team_name: null,
    agent_read_seq: 0, created_at: new Date(began).toISOString(), ended_at: null, rating: null,
    reply_by_email: false, ...more
  }
}

const withBot = [
  say(fern, 'Hello! Tell me in a sentence what you need, and I’ll find the answer or the right person.', 0),
  say(me, 'My calathea dropped half its leaves after a week', 1),
  say(fern, 'Every plant is covered for 30 days. If it fails although you followed the care card, send us a photo and we replace it or refund you.', 1, {
    sources: [article],
    quick_replies: ['It’s older than 30 days', 'How do I send a photo?', 'Talk to a person']
  })
]
const queued = [
  ...withBot.slice(1, 2),
  say(fern, 'Of course. I’m passing you to a colleague, who will see everything you wrote here.', 2),
  say(me, 'ok thanks. it arrived on the 3rd', 2)
]
const withMaya = [
  say(me, 'My calathea dropped half its leaves after a week', 1),
  say(system, 'Maya Lindholm joined the chat', 3),
  say(maya, 'Hi Adaeze, I’m Maya from the plant care team. I’ve read what you wrote. Could you tell me where it stands, and how often you water it?', 4),
  say(me, 'On the bathroom shelf, no direct sun', 6),
  say(me, 'Twice a week', 6),
  say(maya, 'Thank you. Then it’s most likely the water: let the top 3 cm dry first. I’m sending you a new one all the same, it leaves on Monday.', 9)
]
const over = [...withMaya.slice(2), say(me, 'Thank you so much Maya', 10), say(system, 'Maya Lindholm ended the chat', 11)]

/** Nine in the morning, some days from now. */
function nineIn(days: number): string {
  const day = new Date()
  day.setDate(day.getDate() + days)
  return new Date(day.setHours(9, 0, 0, 0)).toISOString()
}

function drawing(leaf: string): string {
  const body = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 390"><rect width="520" height="390" fill="#dfe7da"/>`
    + `<path d="M260 330C120 300 110 130 260 50c150 80 140 250 0 280Z" fill="${leaf}"/><path d="M260 80v250" stroke="#eef3ea" stroke-width="6"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(body)}`
}

function file(id: number, kind: AttachmentOut['kind'], name: string, size: number, more: Partial<AttachmentOut> = {}): AttachmentOut {
  return {
    id, kind, name, size, content_type: '', width: null, height: null, duration_ms: null, url: 'data:,', thumb_url: null, ...more
  }
}

const leaf = drawing('#5d8a4f')
const photo = file(1, 'image', 'calathea.jpg', 1_840_000, { width: 520, height: 390, url: leaf, thumb_url: leaf })
/** An eighth of a second of silence. */
const silence = `data:audio/wav;base64,UklGRgwEAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YegD${'gICA'.repeat(334)}`
const voice = file(2, 'audio', 'voice-message.weba', 84_000, { duration_ms: 21_000, url: silence })
const film = file(3, 'video', 'watering.mp4', 4_100_000)
const careCard = file(4, 'document', 'care-card-calathea.pdf', 184_000)
const withFiles = [
  say(maya, 'Could you send me a photo of the leaves?', 4),
  say(me, 'Here it is, and how it sounds when I water it', 6, { attachments: [photo, voice] }),
  say(maya, 'Thank you. This is the card for it, and how we do it here.', 9, { attachments: [careCard, film] }),
  say(me, '', 10, { attachments: [photo] })
]

/** What a browser would hand over, without the bytes. */
function chosen(name: string, size: number, type: string): File {
  const made = new File(['x'], name, { type })
  Object.defineProperty(made, 'size', { value: size })
  return made
}

interface Scene {
  chat?: VisitorChat
  messages?: VisitorMessage[]
  known?: boolean
  name?: string
  email?: string
  place?: VisitorState['place']
  notices?: VisitorState['notices']
  brand?: string
  config?: Partial<WidgetConfig>
  status?: Status
  typing?: boolean
  unsent?: Unsent[]
  /** What is being written: the words, the message they answer to, the files. */
  draft?: string
  quoting?: VisitorMessage
  files?: File[]
}

function scene(said: ReturnType<typeof say>[], state: VisitorChat['state'], more: Partial<VisitorChat> = {}): Scene {
  const messages = entriesOf(said)
  return { chat: chatOf(state, messages, more), messages, known: true }
}

const tooLong = { code: 'too_large', message: 'At most 10,000 characters; this has 12,480.' }
const kept = { code: 'blocked', message: 'Messages from here are not taken.' }

function unsent(body: string, state: Unsent['state'] = 'sending', error: Unsent['error'] = tooLong): Unsent {
  return {
    client_id: `unsent ${body}`, line: 'visit', body, extra: {}, written_at: Date.now(), state,
    error: state === 'failed' ? error : null
  }
}

/** What Maya said first, edited; what she said last, deleted. */
function takenBack(entries: VisitorMessage[]): VisitorMessage[] {
  const [first, last] = [entries[2]!, entries[5]!]
  return entries.with(2, { ...first, edited_at: first.created_at }).with(5, { ...last, body: '', deleted_at: last.created_at })
}

const closedUntil = (days: number) => ({ config: { opens_at: nineIn(days), agents: [], bot_enabled: false } })
const place = { chat_id: CHAT, position: 3, wait_low_s: 150, wait_high_s: 280, opens_at: null }
const quoted = { id: CHAT * 100 + 2, author_kind: 'agent', author_name: maya.name, body: withMaya[2]!.body } as const

const moving = 'Parcels held up by the storm are moving again. Yours arrives within **two days**; nothing is lost.'
const notice = { id: 1, body: moving, placed_at: new Date(began).toISOString(), seen: false }

const owned = { agent: { name: maya.name, hue: maya.hue }, team_name: 'Plant care', agent_read_seq: 4 }

export const scenes = {
  home: {},
  form: { name: me.name, email: 'adaeze@' },
  bot: scene(withBot, 'bot'),
  queue: { ...scene(queued, 'queued', { team_name: 'Plant care' }), place },
  mailed: { ...scene(queued, 'queued', { team_name: 'Plant care', reply_by_email: true }), place, email: 'adaeze@shop.example' },
  awayHome: closedUntil(1),
  awayBot: { config: { opens_at: nineIn(3), agents: [] } },
  leave: { ...closedUntil(1), name: me.name, email: 'adaeze@shop.example', draft: 'My calathea dropped half its leaves after a week' },
  awayQueue: { ...scene(queued, 'queued', { team_name: 'Plant care' }), place: { ...place, opens_at: nineIn(1) }, email: 'adaeze@shop.example' },
  agent: { ...scene(withMaya, 'active', owned), typing: true },
  offline: {
    ...scene(withMaya.slice(0, 5), 'active', owned),
    status: { state: 'offline', since: Date.now() - 60_000, retryAt: Date.now() + 4000 },
    unsent: [unsent('Great, please do that')]
  },
  files: scene(withFiles, 'active', owned),
  uploads: {
    ...scene(withFiles.slice(0, 1), 'active', owned),
    draft: 'Here are two of them',
    files: [
      chosen('calathea-left.jpg', 1_840_000, 'image/jpeg'),
      chosen('on-the-shelf.jpg', 900_000, 'image/jpeg'),
      chosen('whole-bathroom.png', 5_242_881, 'image/png'),
      chosen('care.exe', 2000, 'application/octet-stream')
    ]
  },
  noticed: { notices: { items: [notice], wanted: true } },
  stopped: { notices: { items: [{ ...notice, seen: true }], wanted: false } },
  broadcast: scene([...withMaya.slice(0, 3), say(shop, moving, 7, { broadcast: true })], 'active', owned),
  quoting: { ...scene(withMaya.slice(0, 4), 'active', owned), quoting: entriesOf(withMaya)[2]! },
  quoted: scene([...withMaya.slice(0, 3), say(me, 'On the bathroom shelf', 6, { quote: quoted })], 'active', owned),
  corrected: {
    ...scene(withMaya, 'active', owned),
    messages: takenBack(entriesOf(withMaya))
  },
  failed: { ...scene(withMaya, 'active', owned), unsent: [unsent('Here is the whole care diary I kept since the third of March', 'failed')] },
  ended: scene(over, 'ended', { ...owned, agent_read_seq: 7, ended_at: new Date(began).toISOString() }),
  unanswered: scene([...queued, say(system, 'We’re finding someone for you.', 2, { event: 'queued' }), say(system, 'Nobody could take your chat in time.', 32)], 'ended'),
  blocked: { ...scene(over, 'ended', owned), unsent: [unsent('But it has lost its last leaf now', 'failed', kept)] },
  amber: { ...scene(withMaya, 'active', owned), brand: '#ffb81c', typing: true }
} satisfies Record<string, Scene>

export type SceneName = keyof typeof scenes

const help = [
  { id: 1, title: 'Delivery options and what they cost', body: 'Orders placed before 2 pm leave on the same day.' },
  { id: 2, title: 'Following your parcel and the two-hour slot', body: 'You’ll hear from us three times.' },
  { ...article, body: 'Every plant is covered for 30 days from the day it arrives.\n\n- Send us **a photo** of the plant\n- Tell us where it stands\n\nWe answer within a day.' }
]

/** A visit in one state, whose desk is made of cardboard. */
export async function visitIn(name: SceneName): Promise<Visit> {
  const it: Scene = scenes[name]
  const state: VisitorState = {
    name: it.name ?? (it.known ? me.name : null), email: it.email ?? null, known: it.known ?? false,
    chat: it.chat ?? null, messages: it.messages ?? [], place: it.place ?? null,
    notices: it.notices ?? { items: [], wanted: true }
  }
  const told = { ...config, brand: it.brand ?? config.brand, ...it.config }
  const opened: VisitorOpened = { token: 'x'.repeat(43), config: told, state }
  const keep: Keep = { token: null, draft: it.draft ?? '', seen: () => null, see: () => undefined }
  const storage = memoryStorage<Unsent>()
  for (const item of it.unsent ?? []) await storage.put(item)
  const desk: Desk = {
    open: async () => opened,
    config: async () => told,
    state: async () => state,
    saveDetails: async () => state,
    messages: async () => ({ messages: [], head: 0, more: false }),
    askForPerson: async () => state.chat!,
    leave: async () => state.chat!,
    end: async () => state.chat!,
    rateAnswer: async () => state.chat!,
    heed: async word => (typeof word === 'boolean' ? { ...state.notices, wanted: word } : { ...state.notices, items: word === 'seen' ? state.notices.items : [] }),
    rate: async (_, stars) => ({ ...state.chat!, rating: stars, version: state.chat!.version + 1 }),
    emailInstead: async (_, email) => {
      const chat = { ...state.chat!, reply_by_email: true, version: state.chat!.version + 1 }
      Object.assign(state, { chat, email })
      return chat
    },
    leaveMessage: async ({ body, client_id, email }) => {
      const message = { ...entriesOf([say(me, body, 0)], CHAT + 1)[0]!, client_id }
      const chat = chatOf('queued', [message], { id: CHAT + 1, reply_by_email: true })
      Object.assign(state, { chat, messages: [message], email })
      return { message, chat }
    },
    mailTranscript: async () => ({}),
    upload: (_, { onProgress }) => {
      onProgress(0.62)
      return new Promise(() => undefined)
    },
    discardFile: async () => undefined,
    file: async id => [photo, voice, film, careCard].find(each => each.id === id)!,
    article: async id => help.find(each => each.id === id) ?? help[0]!,
    help: async query => help.filter(each => each.title.toLowerCase().includes(query.toLowerCase())),
    connect: async () => deafLive(it.status ?? { state: 'connected' })
  }
  const visit = new Visit({ siteKey: 'pk_states', desk, keep, openStorage: async () => storage })
  await visit.begin('/')
  if (it.quoting) visit.writing.answer(it.quoting)
  await visit.writing.attach(it.files ?? [], told.uploads)
  if (it.typing) visit.typing = { chat_id: CHAT, kind: 'agent', id: null, name: maya.name, on: true }
  return visit
}

/** A line on which nothing is ever heard. */
function deafLive(status: Status): Live<'/visitor'> {
  return {
    status,
    on: () => () => undefined,
    ask: async () => ({ ok: false, error: { code: 'offline', message: '' } }),
    subscribe: watch => {
      watch(status)
      return () => undefined
    },
    retry: () => undefined,
    close: () => undefined
  }
}
