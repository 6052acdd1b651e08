/** Who answered the visitor, and what of it they have not seen. */
import { isCorrection } from '#shared/store/corrections'
import type { VisitorAgent, VisitorChat, VisitorMessage } from '#shared/wire.gen'
import { t } from './i18n'

/** Something said to the visitor, by a person, by the assistant, or to many by the desk. */
export function isAnswer(entry: VisitorMessage): boolean {
  return entry.kind === 'text' && entry.author.kind !== 'customer'
}

/** Whether an entry has a place in the log. What tells of a correction shows in the message it is about. */
export function isShown(entry: VisitorMessage): boolean {
  if (entry.kind === 'event') return entry.body !== '' && !isCorrection(entry)
  return entry.body !== '' || entry.deleted_at !== null || !!entry.data.attachments?.length
}

/** One line of what was said: its words, or what it brought. */
export function inOneLine({ body, data, deleted_at }: VisitorMessage): string {
  const file = data.attachments?.[0]
  if (body || !file) return deleted_at === null ? body : t('chat.deleted')
  return file.kind === 'document' ? file.name : t(`file.${file.kind}`)
}

/** The wait ended without anybody: it grew too long, for the desk or for the visitor. What an agent closed was seen by one. */
export function wentUnanswered(chat: VisitorChat | null, entries: readonly VisitorMessage[]): boolean {
  const tells = (event: string) => entries.findLast(entry => entry.data.event === event)
  return chat?.state === 'ended' && chat.agent === null && !!tells('queued') && tells('ended')?.author.kind !== 'agent'
}

export function unseen(entries: readonly VisitorMessage[], seen: number): number {
  return entries.filter(entry => entry.pub_seq > seen && isAnswer(entry)).length
}

/** The person of this chat: its owner, or after the end the last one who wrote. */
export function personOf(chat: VisitorChat | null, entries: readonly VisitorMessage[]): VisitorAgent | null {
  return chat?.agent ?? entries.findLast(entry => isAnswer(entry) && entry.author.kind === 'agent')?.author ?? null
}

/**
 * The assistant's offers, as long as they stand under its newest word. The last of them asks for a person.
 * @param answered something of the visitor's own is on its way already
 */
export function quickReplies(chat: VisitorChat | null, entries: readonly VisitorMessage[], answered: boolean): string[] {
  if (answered) return []
  const last = entries.findLast(entry => entry.kind === 'text')
  if (chat?.state !== 'bot' || last?.author.kind !== 'bot') return []
  return last.data.quick_replies ?? []
}
