/** What an event entry of a chat says to the team. */
import type { IconName } from '#icons'
import type { ChatOut, MessageOut } from '#shared/wire.gen'
import type { EndReason } from './ending'

/** The pieces of a sentence: which one, who it is about, and what may follow it. */
export interface EventWords {
  icon: IconName
  key:
    | 'pick' | 'pick_you' | 'auto' | 'auto_you' | 'takeover' | 'takeover_you' | 'reassign' | 'reassign_you'
    | 'queued' | 'queued_team' | 'returned' | 'returned_you' | 'owner_gone' | 'ended_by' | 'ended_you' | 'ended_otherwise'
    | 'tagged' | 'untagged' | 'rated' | 'said'
  name: string
  by: string
  team: string
  reason: string | null
  endReason: EndReason | null
  /** How it ended when no agent ended it. */
  endCause: EndCause | null
  waitedS: number | null
  /** The sentence the server wrote, for events this page has no words of its own for. */
  body: string
}

export type EndCause = NonNullable<ChatOut['end_cause']>

const ENDINGS = new Set<string>(['resolved', 'no_response', 'follow_up', 'time_waster', 'other'])

export function eventWords(message: MessageOut, myId: number): EventWords {
  const { data, author, body } = message
  const agent = data.agent ?? (author.kind === 'agent' ? author : null)
  const you = agent?.id === myId
  const words = {
    name: agent?.name ?? author.name,
    by: data.by?.name ?? author.name,
    team: data.team?.name ?? '',
    reason: null,
    endReason: null,
    endCause: null,
    waitedS: data.waited_s ?? null,
    body
  }

  if (data.event === 'assigned') {
    const how = data.how === 'auto' || data.how === 'takeover' || data.how === 'reassign' ? data.how : 'pick'
    const icon: IconName = how === 'auto' ? 'zap' : how === 'takeover' ? 'hand' : 'user-plus'
    return { ...words, icon, key: you ? `${how}_you` : how }
  }
  if (data.event === 'queued') {
    const reason = data.reason ?? null
    if (data.how === 'returned') return { ...words, icon: 'rotate-ccw', key: you ? 'returned_you' : 'returned', reason }
    if (data.how === 'owner_gone') return { ...words, icon: 'rotate-ccw', key: 'owner_gone' }
    return { ...words, icon: 'clock', key: data.team ? 'queued_team' : 'queued' }
  }
  if (data.event === 'ended' && data.reason && ENDINGS.has(data.reason)) {
    return { ...words, icon: 'circle-check', key: you ? 'ended_you' : 'ended_by', endReason: data.reason as EndReason }
  }
  if (data.event === 'ended' && data.reason) {
    return { ...words, icon: 'circle-check', key: 'ended_otherwise', endCause: data.reason as EndCause }
  }
  if (data.event === 'tagged') return { ...words, icon: 'tag', key: body ? 'tagged' : 'untagged' }
  if (data.event === 'rated') return { ...words, icon: 'star', key: 'rated' }
  return { ...words, icon: 'info', key: 'said' }
}
