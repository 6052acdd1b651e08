/** Who answered the visitor, and what of it they have not seen. */
import type { VisitorAgent, VisitorChat, VisitorMessage } from '#shared/wire.gen'

/** Something said to the visitor, by a person or by the assistant. */
export function isAnswer(entry: VisitorMessage): boolean {
  return entry.kind === 'text' && (entry.author.kind === 'agent' || entry.author.kind === 'bot')
}

export function unseen(entries: readonly VisitorMessage[], seen: number): number {
  return entries.filter(entry => entry.pub_seq > seen && isAnswer(entry)).length
}

/** The person of this chat: its owner, or after the end the last one who wrote. */
export function personOf(chat: VisitorChat | null, entries: readonly VisitorMessage[]): VisitorAgent | null {
  return chat?.agent ?? entries.findLast(entry => entry.author.kind === 'agent')?.author ?? null
}

/** The assistant's offers, as long as they stand under its newest word. The last of them asks for a person. */
export function quickReplies(chat: VisitorChat | null, entries: readonly VisitorMessage[]): string[] {
  const last = entries.findLast(entry => entry.kind === 'text')
  if (chat?.state !== 'bot' || last?.author.kind !== 'bot') return []
  return last.data.quick_replies ?? []
}
