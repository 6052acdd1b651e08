/** Which words may still be changed or taken back. The server decides; this only offers what it would take. */
import { isCorrection } from '#shared/store/corrections'
import type { ChatOut, DeliveryOut, MessageOut } from '#shared/wire.gen'

/** Notes can be put right this long after they were written. */
const NOTE_MS = 15 * 60_000
/** Notes and stubs are still taken this long after the end. */
const LATE_MS = 72 * 3_600_000

type Chat = Pick<ChatOut, 'state' | 'owner' | 'ended_at' | 'customer_read_seq' | 'channel'>

/** What has left us, as far as anybody knows, and has not come back. */
const OUT = new Set<DeliveryOut['state']>(['claimed', 'sent', 'delivered', 'read'])

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
  if (message.data.template) return false
  // By a channel, what has left is changed there too, or stays as it is.
  const state = message.delivery?.state
  if (state && state !== 'queued' && !(chat.channel.can?.edits && OUT.has(state))) return false
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

/** What becomes of a deleted message where its customer reads it. Null where there is nothing to say: on the website. */
export type Elsewhere = 'unsent' | 'gone' | 'too_late' | 'stays' | 'perhaps'
export function elsewhere(message: MessageOut, channel: ChatOut['channel'], now: number): Elsewhere | null {
  if (!message.delivery || !channel.can) return null
  const { state } = message.delivery
  if (state === 'queued') return 'unsent'
  if (state === 'unknown') return 'perhaps'
  if (!OUT.has(state)) return null
  if (!channel.can.deletes) return 'stays'
  const hours = channel.can.deletes_h
  return hours !== null && now - Date.parse(message.created_at) > hours * 3_600_000 ? 'too_late' : 'gone'
}

/** How far the newest correction of a message has got there; null where none went, or goes. */
export function correctionOf(message: MessageOut, log: readonly MessageOut[]): MessageOut | null {
  return log.findLast(each => isCorrection(each) && each.data.target_id === message.id && each.delivery !== null) ?? null
}

/** The newest of one's own words that can be edited. */
export function lastEditable(messages: readonly MessageOut[], chat: Chat, who: Who, now: number, kind: 'text' | 'note'): MessageOut | null {
  const last = messages.findLast(each => each.kind === kind && each.author.kind === 'agent' && each.author.id === who.id && each.deleted_at === null)
  return last && mayEdit(last, chat, who, now) ? last : null
}
