/** What cannot be sent by a chat’s channel, said before it is typed. */
import type { ChatOut } from '#shared/wire.gen'

export interface Enclosure {
  name: string
  kind: string
  size: number
}

export type Objection =
  | { kind: 'window'; hours: number }
  | { kind: 'file'; name: string }
  | { kind: 'parts'; count: number }

/** The gravest first; null where everything goes as it is. Websites take whatever the composer does. */
export function objection(channel: ChatOut['channel'], text: string, files: readonly Enclosure[], now: number): Objection | null {
  const { can } = channel
  if (!can) return null
  if (can.window_h !== null && channel.reply_until && Date.parse(channel.reply_until) <= now) return { kind: 'window', hours: can.window_h }
  const most = can.media as Record<string, number>
  const refused = files.find(file => file.size > (most[file.kind] ?? -1))
  if (refused) return { kind: 'file', name: refused.name }
  const letters = [...text.trim()].length
  return letters > can.longest ? { kind: 'parts', count: Math.ceil(letters / can.longest) } : null
}

/** Whether it is refused altogether, and sending makes no sense. */
export const refuses = (found: Objection | null): boolean => found !== null && found.kind !== 'parts'
