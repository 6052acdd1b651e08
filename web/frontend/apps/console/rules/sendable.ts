/** What cannot be sent by a chat’s channel, said before it is typed. */
import type { ChatOut, MessageOut } from '#shared/wire.gen'

export interface Enclosure {
  name: string
  kind: string
  size: number
}

export type Objection =
  | { kind: 'window'; hours: number }
  | { kind: 'file'; name: string }
  | { kind: 'parts'; count: number }

/**
 * Until when anything may be written, as `Date.now()`; null where that is always. What the customer has written since the
 * chat was read counts as well.
 */
export function freeUntil(channel: ChatOut['channel'], messages: readonly MessageOut[]): number | null {
  const hours = channel.can?.window_h ?? null
  if (hours === null) return null
  const last = messages.findLast(each => each.author.kind === 'customer' && each.kind === 'text')
  const told = channel.reply_until ? Date.parse(channel.reply_until) : 0
  return Math.max(told, last ? Date.parse(last.created_at) + hours * 3_600_000 : 0)
}

/** The last hours of it, in which somebody who writes should know. */
export const CLOSING_MS = 4 * 3_600_000
export const isClosing = (until: number | null, now: number): boolean => until !== null && until > now && until - now <= CLOSING_MS

/** The gravest first; null where everything goes as it is. Websites take whatever the composer does. */
export function objection(channel: ChatOut['channel'], text: string, files: readonly Enclosure[], until: number | null, now: number): Objection | null {
  const { can } = channel
  if (!can) return null
  if (can.window_h !== null && until !== null && until <= now) return { kind: 'window', hours: can.window_h }
  const most = can.media as Record<string, number>
  const refused = files.find(file => file.size > (most[file.kind] ?? -1))
  if (refused) return { kind: 'file', name: refused.name }
  const letters = [...text.trim()].length
  return letters > can.longest ? { kind: 'parts', count: Math.ceil(letters / can.longest) } : null
}

/** Whether it is refused altogether, and sending makes no sense. */
export const refuses = (found: Objection | null): boolean => found !== null && found.kind !== 'parts'
