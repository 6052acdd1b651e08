/** Which words may still be changed or taken back. The server decides; this only offers what it would take. */
import type { ChatOut, MessageOut } from '#shared/wire.gen'

/** Notes can be put right this long after they were written. */
const NOTE_MS = 15 * 60_000
/** Notes and stubs are still taken this long after the end. */
const LATE_MS = 72 * 3_600_000

type Chat = Pick<ChatOut, 'state' | 'owner' | 'ended_at' | 'customer_read_seq'>

interface Who {
  id: number
  supervises: boolean
}

const ownWords = (message: MessageOut, who: Who): boolean =>
  message.kind !== 'event' && message.author.kind === 'agent' && message.author.id === who.id && message.deleted_at === null

/** One's own, while the customer has not read it and the chat is one's own; notes for a quarter of an hour. */
export function mayEdit(message: MessageOut, chat: Chat, who: Who, now: number): boolean {
  // Files alone have no words to put right.
  if (!ownWords(message, who) || message.body === '') return false
  if (message.pub_seq === null) return now - Date.parse(message.created_at) < NOTE_MS && inTime(chat, now)
  // By a channel, what has left is read where nobody can change it.
  if (message.delivery && message.delivery.state !== 'queued') return false
  return chat.owner?.id === who.id && message.pub_seq > chat.customer_read_seq
}

/** One's own while the chat is open, one's own notes also after it; any agent's for a supervisor. */
export function mayDelete(message: MessageOut, chat: Chat, who: Who, now: number): boolean {
  const words = message.kind !== 'event' && message.author.kind === 'agent' && message.deleted_at === null
  if (!words || !inTime(chat, now)) return false
  if (who.supervises) return true
  return message.author.id === who.id && (chat.state !== 'ended' || message.pub_seq === null)
}

const inTime = (chat: Chat, now: number): boolean =>
  chat.state !== 'ended' || (chat.ended_at !== null && now - Date.parse(chat.ended_at) < LATE_MS)

/** The newest of one's own words that can be edited. */
export function lastEditable(messages: readonly MessageOut[], chat: Chat, who: Who, now: number, kind: 'text' | 'note'): MessageOut | null {
  const last = messages.findLast(each => each.kind === kind && each.author.kind === 'agent' && each.author.id === who.id && each.deleted_at === null)
  return last && mayEdit(last, chat, who, now) ? last : null
}
