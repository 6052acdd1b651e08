/** A timeline as it is read: stretches under one heading each, with days, bubbles, notes, events, ends and promises in them. */
import type { ChatOut, MessageOut, PromiseOut, SessionStretch } from '#shared/wire.gen'
import { timeline, type Entry } from './timeline'

export type ReadingEntry =
  | Exclude<Entry, { type: 'new' | 'unsent' }>
  | { type: 'end'; key: string; message: MessageOut }
  | { type: 'promise'; key: string; promise: PromiseOut }

/** What follows each other of one issue, or in the view of one session of one of its chats. */
export interface Stretch {
  key: string
  session: SessionStretch
  /** The chat it begins with. */
  chat: ChatOut
  at: string
  entries: ReadingEntry[]
}

interface Told {
  items: readonly MessageOut[]
  sessions: readonly SessionStretch[]
  /** Entries before the first one here have not been fetched. */
  older: boolean
}

/** @param by what has a heading: each session on the rail of a customer, each chat in the view of one session */
export function stretches({ items, sessions, older }: Told, by: 'session' | 'chat'): Stretch[] {
  const homes = new Map(sessions.flatMap(session => session.chats.map(chat => [chat.id, { session, chat }] as const)))
  const found: { stretch: Omit<Stretch, 'entries'>; items: MessageOut[] }[] = []
  for (const message of items) {
    const home = homes.get(message.chat_id)
    if (!home) continue // Fetched with a page of its own: without its chat nobody could say what it is.
    const id = by === 'session' ? home.session.id : home.chat.id
    const last = found.at(-1)
    const same = last && (by === 'session' ? last.stretch.session.id : last.stretch.chat.id) === id
    if (same) last.items.push(message)
    else found.push({ stretch: { key: `${id}-${message.id}`, ...home, at: message.created_at }, items: [message] })
  }
  const promises = new Map(sessions.flatMap(session => session.promises).map(each => [each.id, after(each, items, older)] as const))
  return found.map(({ stretch: { key, session, chat, at }, items: own }) => (
    { key, session, chat, at, entries: entriesOf(own, session.promises, promises) }
  ))
}

/** The entry a promise stands behind: the last of its chat when it was made. Null where that is not on the page. */
function after(promise: PromiseOut, items: readonly MessageOut[], older: boolean): number | null {
  const own = items.filter(each => each.chat_id === promise.chat_id)
  const before = own.findLast(each => Date.parse(each.created_at) <= Date.parse(promise.made_at))
  return before?.id ?? (older ? null : (own[0]?.id ?? null))
}

function entriesOf(items: readonly MessageOut[], made: readonly PromiseOut[], places: ReadonlyMap<number, number | null>): ReadingEntry[] {
  const entries: ReadingEntry[] = []
  // The heading names the first day.
  for (const [i, entry] of timeline(items, { unsent: [], readTo: null }).entries()) {
    if (entry.type === 'new' || entry.type === 'unsent' || (i === 0 && entry.type === 'day')) continue
    if (entry.type === 'event' && entry.message.data.event === 'ended') entries.push({ type: 'end', key: entry.key, message: entry.message })
    else entries.push(entry)
    if (!('message' in entry)) continue
    for (const promise of made) {
      if (places.get(promise.id) === entry.message.id) entries.push({ type: 'promise', key: `p-${promise.id}`, promise })
    }
  }
  return entries
}

/** The page with another one before or after it: no entry twice, and of each session what was heard last. */
export function joined(a: readonly MessageOut[], b: readonly MessageOut[]): MessageOut[] {
  const known = new Set(a.map(each => each.id))
  return [...a, ...b.filter(each => !known.has(each.id))].toSorted(
    (x, y) => Date.parse(x.created_at) - Date.parse(y.created_at) || x.id - y.id
  )
}

/** How long notes and tags are still taken after the end of a chat. */
const LATE_MS = 72 * 3_600_000

/** Until when, of an ended chat. */
export const lateUntil = ({ ended_at }: Pick<ChatOut, 'ended_at'>): Date | null => (ended_at === null ? null : new Date(Date.parse(ended_at) + LATE_MS))
