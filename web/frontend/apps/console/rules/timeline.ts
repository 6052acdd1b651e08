/** A chat's entries as the log draws them: days, groups of bubbles, notes, events, and where "New" begins. */
import { isCorrection } from '#shared/store/corrections'
import { sameDay } from '#shared/time'
import type { AttachmentOut, MessageOut, Quote } from '#shared/wire.gen'

/** A message of our own that the server has not confirmed yet. */
export interface Unsent {
  client_id: string
  body: string
  internal: boolean
  quote: Quote | null
  files: readonly AttachmentOut[]
  at: string
  failed: boolean
}

export type Entry =
  | { type: 'day'; key: string; at: string }
  | { type: 'new'; key: string }
  | { type: 'event'; key: string; message: MessageOut }
  | { type: 'note'; key: string; message: MessageOut }
  | { type: 'bubble'; key: string; message: MessageOut; first: boolean; last: boolean }
  | { type: 'unsent'; key: string; unsent: Unsent; first: boolean; last: boolean }

/** Two bubbles of one author further apart than this are two groups. */
const GROUP_MS = 5 * 60_000

interface Options {
  unsent: readonly Unsent[]
  /** `all_seq` of the last entry read before this chat was opened; the divider follows it. Null draws none. */
  readTo: number | null
}

export function timeline(messages: readonly MessageOut[], { unsent, readTo }: Options): Entry[] {
  const entries: Entry[] = []
  const stored = new Set(messages.map(message => message.client_id))
  let divided = readTo === null

  // An edit, a deletion or a thumb shows at the message it is about, not where it happened.
  const told = messages.filter(message => !isCorrection(message))
  for (const [i, message] of told.entries()) {
    const before = told[i - 1]
    if (!before || !sameDay(before.created_at, message.created_at)) {
      entries.push({ type: 'day', key: `day-${message.all_seq}`, at: message.created_at })
    }
    if (!divided && message.all_seq > readTo! && isNews(message)) {
      entries.push({ type: 'new', key: 'new' })
      divided = true
    }
    // A bubble keeps the key it had as an unsent one, so confirming it does not draw it anew.
    const key = message.client_id ?? `m-${message.id}`
    if (message.kind === 'event') entries.push({ type: 'event', key, message })
    else if (message.kind === 'note') entries.push({ type: 'note', key, message })
    else {
      const first = !together(before, message)
      const last = !together(message, told[i + 1])
      entries.push({ type: 'bubble', key, message, first, last })
    }
  }

  const waiting = unsent.filter(each => !stored.has(each.client_id))
  for (const [i, each] of waiting.entries()) {
    const first = waiting[i - 1]?.internal !== each.internal
    const last = waiting[i + 1]?.internal !== each.internal
    entries.push({ type: 'unsent', key: each.client_id, unsent: each, first, last })
  }
  return entries
}

/** Worth a "New" line: somebody else's words. */
const isNews = (message: MessageOut): boolean => message.author.kind === 'customer' || message.author.kind === 'bot'

function together(a: MessageOut | undefined, b: MessageOut | undefined): boolean {
  if (!a || !b || a.kind !== 'text' || b.kind !== 'text') return false
  const sameAuthor = a.author.kind === b.author.kind && a.author.id === b.author.id
  const near = Date.parse(b.created_at) - Date.parse(a.created_at) < GROUP_MS
  return sameAuthor && near && sameDay(a.created_at, b.created_at)
}
