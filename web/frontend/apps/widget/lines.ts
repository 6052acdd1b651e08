/** From entries to what the log draws: days, groups, separators and ticks. */
import type { Outgoing } from '#shared/store/outbox'
import type { AttachmentOut, Quote, VisitorMessage } from '#shared/wire.gen'
import { isShown } from './answers'

export type Tick = 'sent' | 'delivered' | 'read'

/** One chat of the conversation. A message written after the end of one goes on in the next. */
export interface Episode {
  chatId: number
  entries: readonly VisitorMessage[]
  agentRead: number
  agentDelivered: number
}

/** A message of the visitor's own that the desk has not stored yet. */
export type Unsent = Outgoing<SendExtra>

/** What a send carries beside its text. */
export interface SendExtra {
  topic?: string
  quote?: Quote
  attachments?: AttachmentOut[]
  /** The notice that this answers */
  notice?: number
}

export type Line =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'separator'; key: string }
  | { kind: 'event'; key: string; entry: VisitorMessage }
  | { kind: 'said'; key: string; entry: VisitorMessage; mine: boolean; first: boolean; last: boolean; tick: Tick | null }
  | { kind: 'unsent'; key: string; item: Unsent; first: boolean; last: boolean }

/** Entries by the same author within this time share one group, and one time below it. */
const GROUP_MS = 5 * 60_000

/** @param fresh begin anew under the last episode: what is written next will be another chat */
export function linesOf(episodes: readonly Episode[], unsent: readonly Unsent[], fresh = false): Line[] {
  const lines: Line[] = []
  let day = ''
  for (const [at, episode] of episodes.entries()) {
    if (at > 0) lines.push({ kind: 'separator', key: `before ${episode.chatId}` })
    const shown = episode.entries.filter(isShown)
    for (const [place, entry] of shown.entries()) {
      const today = new Date(entry.created_at).toDateString()
      if (today !== day) lines.push({ kind: 'day', key: `${episode.chatId} ${today}`, at: entry.created_at })
      day = today
      lines.push(lineOf(episode, entry, shown[place - 1], shown[place + 1]))
    }
  }
  if (fresh && lines.length) lines.push({ kind: 'separator', key: 'fresh' })
  const waiting = stillUnsent(unsent, episodes)
  for (const [at, item] of waiting.entries()) {
    const ends = { first: at === 0, last: at === waiting.length - 1 || item.state === 'failed' }
    lines.push({ kind: 'unsent', key: keyOf(item.client_id), item, ...ends })
  }
  return lines
}

/** What the desk has stored is no longer unsent, even while its ack is still on the way. */
export function stillUnsent(unsent: readonly Unsent[], episodes: readonly Episode[]): Unsent[] {
  const stored = new Set(episodes.flatMap(episode => episode.entries.map(entry => entry.client_id)))
  return unsent.filter(item => !stored.has(item.client_id))
}

function lineOf(episode: Episode, entry: VisitorMessage, before?: VisitorMessage, after?: VisitorMessage): Line {
  if (entry.kind === 'event') return { kind: 'event', key: String(entry.id), entry }
  const mine = entry.author.kind === 'customer'
  return {
    kind: 'said',
    // A stored message keeps the key it had while it was waiting, so its bubble does not jump.
    key: mine && entry.client_id ? keyOf(entry.client_id) : String(entry.id),
    entry,
    mine,
    first: !together(before, entry),
    last: !together(entry, after),
    tick: mine ? tickOf(episode, entry.pub_seq) : null
  }
}

function tickOf({ agentRead, agentDelivered }: Episode, seq: number): Tick {
  if (seq <= agentRead) return 'read'
  return seq <= agentDelivered ? 'delivered' : 'sent'
}

function together(one: VisitorMessage | undefined, next: VisitorMessage | undefined): boolean {
  if (one?.kind !== 'text' || next?.kind !== 'text') return false
  const soon = Date.parse(next.created_at) - Date.parse(one.created_at) < GROUP_MS
  return soon && one.author.kind === next.author.kind && one.author.name === next.author.name
}

const keyOf = (clientId: string) => `own ${clientId}`
