/** What an event entry of a chat says to the team. */
import type { IconName } from '#icons'
import type { Author, ChatOut, MessageData, MessageOut, PromiseBrief } from '#shared/wire.gen'

/** The pieces of a sentence: which one, who it is about, and what may follow it. */
export interface EventWords {
  icon: IconName
  key:
    | 'pick' | 'pick_you' | 'auto' | 'auto_you' | 'takeover' | 'takeover_you' | 'reassign' | 'reassign_you'
    | 'queued' | 'queued_team' | 'returned' | 'returned_you' | 'owner_gone' | 'ended_by' | 'ended_you' | 'ended_otherwise'
    | 'follow_up' | 'follow_up_you' | 'auto_policy' | 'auto_policy_you' | 'auto_known' | 'auto_known_you' | 'over' | 'over_you' | 'moved' | 'moved_you' | 'priority' | 'priority_you'
    | 'tagged' | 'untagged' | 'rated' | 'said' | 'broadcasts_stopped' | 'broadcasts_wanted' | 'reason_given' | 'reason_given_you'
    | 'escalated' | 'escalated_you' | 'escalation' | 'escalation_you' | 'escalation_rejected' | 'escalation_rejected_you'
    | 'escalation_declined' | 'escalation_declined_you' | 'escalation_cancelled' | 'escalation_cancelled_you'
    | 'escalation_timed_out' | 'escalation_moved_on' | 'escalation_failed' | 'escalation_refused' | 'promise_extended' | 'promise_extended_you'
  name: string
  by: string
  team: string
  reason: string | null
  /** Code of one of the desk's reasons. */
  endReason: string | null
  /** How it ended when no agent ended it. */
  endCause: EndCause | null
  waitedS: number | null
  /** How the desk chose: with the chats the agent had, and may have. */
  policy: { name: string; load: number; limit: number } | null
  /** 0 normal, 1 high, 2 urgent; null where the event says nothing of it. */
  priority: number | null
  promise: PromiseBrief | null
  /** To whom it was escalated, by name. */
  target: string
  /** By when the customer was told to expect an answer. */
  expectedAt: string | null
  /** Code of why an escalation was turned down, and the words that went with it. */
  rejection: string | null
  note: string
  /** What the customer reads of it, where that is more than this sentence. */
  told: string
  /** The sentence the server wrote, for events this page has no words of its own for. */
  body: string
}

export type EndCause = NonNullable<ChatOut['end_cause']>

/** What ended a chat when no agent did. Everything else in its place is the code of a reason. */
const CAUSES = new Set<string>([
  'visitor_left', 'visitor_ended', 'queue_abandoned', 'queue_expired', 'inactivity', 'bot_resolved', 'bot_idle', 'admin', 'merged'
] satisfies EndCause[])

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
    policy: null,
    priority: data.priority ?? null,
    promise: data.promise ?? null,
    target: data.target ?? data.team?.name ?? '',
    expectedAt: data.expected_at ?? null,
    rejection: null,
    note: data.note ?? '',
    told: '',
    body
  }

  if (data.event === 'assigned') {
    if (data.over_limit) return { ...words, icon: 'user-plus', key: you ? 'over_you' : 'over' }
    if (data.how === 'sticky') return { ...words, icon: 'zap', key: you ? 'auto_known_you' : 'auto_known' }
    if (data.how === 'auto' && data.policy && data.load !== undefined && data.limit !== undefined) {
      return { ...words, icon: 'zap', key: you ? 'auto_policy_you' : 'auto_policy', policy: { name: data.policy, load: data.load, limit: data.limit } }
    }
    if (data.how === 'follow_up') return { ...words, icon: 'message-circle', key: you ? 'follow_up_you' : 'follow_up' }
    if (data.how === 'escalation') return { ...words, icon: 'arrow-up-right', key: you ? 'escalation_you' : 'escalation' }
    const how = data.how === 'auto' || data.how === 'takeover' || data.how === 'reassign' ? data.how : 'pick'
    const icon: IconName = how === 'auto' ? 'zap' : how === 'takeover' ? 'hand' : 'user-plus'
    return { ...words, icon, key: you ? `${how}_you` : how }
  }
  if (data.event === 'queued') {
    const reason = data.reason ?? null
    if (data.how === 'returned') return { ...words, icon: 'rotate-ccw', key: you ? 'returned_you' : 'returned', reason }
    if (data.how === 'owner_gone') return { ...words, icon: 'rotate-ccw', key: 'owner_gone' }
    if (data.how === 'escalation_rejected') return { ...words, icon: 'rotate-ccw', key: 'escalation_refused' }
    if (data.how === 'escalation_timed_out') return { ...words, icon: 'rotate-ccw', key: 'escalation_failed' }
    return { ...words, icon: 'clock', key: data.team ? 'queued_team' : 'queued' }
  }
  if (data.event === 'ended' && data.reason) {
    if (CAUSES.has(data.reason)) return { ...words, icon: 'circle-check', key: 'ended_otherwise', endCause: data.reason as EndCause }
    return { ...words, icon: 'circle-check', key: you ? 'ended_you' : 'ended_by', endReason: data.reason }
  }
  if (data.event === 'reason_given' && data.reason) return { ...words, icon: 'circle-check', key: you ? 'reason_given_you' : 'reason_given', endReason: data.reason }
  if (data.event === 'moved') {
    const mover = author.id === myId && author.kind === 'agent'
    if (data.team) return { ...words, icon: 'arrow-right-left', key: mover ? 'moved_you' : 'moved' }
    return { ...words, icon: 'flag', key: mover ? 'priority_you' : 'priority' }
  }
  if (data.event?.startsWith('escalat') || data.event === 'promise_extended') {
    const known = offerWords(data, author, myId, you)
    const told = message.pub_seq === null ? '' : body
    if (known) return { ...words, ...known, told }
  }
  if (data.event === 'tagged') return { ...words, icon: 'tag', key: body ? 'tagged' : 'untagged' }
  if (data.event === 'broadcasts_stopped' || data.event === 'broadcasts_wanted') return { ...words, icon: 'megaphone', key: data.event, told: body }
  if (data.event === 'rated') return { ...words, icon: 'star', key: 'rated' }
  return { ...words, icon: 'info', key: 'said' }
}

/** What becomes of an offer: which sentence says it. Null for what this page has no words of its own for. */
function offerWords({ event, reason }: MessageData, author: Author, myId: number, you: boolean): (Pick<EventWords, 'icon' | 'key'> & Partial<EventWords>) | null {
  // Who asked, or took it back, may be a supervisor and not who has the chat.
  const did = { name: author.name }
  const byYou = author.kind === 'agent' && author.id === myId
  switch (event) {
    case 'escalated':
      return { icon: 'arrow-up-right', key: byYou ? 'escalated_you' : 'escalated', ...did }
    case 'escalation_rejected':
      return { icon: 'x', key: you ? 'escalation_rejected_you' : 'escalation_rejected', rejection: reason ?? null }
    case 'escalation_declined':
      return { icon: 'x', key: you ? 'escalation_declined_you' : 'escalation_declined', rejection: reason ?? null }
    case 'escalation_cancelled':
      return { icon: 'undo-2', key: byYou ? 'escalation_cancelled_you' : 'escalation_cancelled', ...did }
    case 'escalation_timed_out':
      return { icon: 'timer', key: 'escalation_timed_out' }
    case 'escalation_moved_on':
      return { icon: 'arrow-right', key: 'escalation_moved_on' }
    case 'promise_extended':
      return { icon: 'calendar-clock', key: byYou ? 'promise_extended_you' : 'promise_extended', ...did }
    default:
      return null
  }
}
