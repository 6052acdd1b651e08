/** Offers of a chat to somebody else: who may take one, how much time is left for it, and what may be said in refusing it. */
import type { ChatOut, EscalationOut, TargetAgent, TargetTeam } from '#shared/wire.gen'

export interface Taker {
  id: number
  team_ids: readonly number[]
  supervises: boolean
}

type Offered = Pick<ChatOut, 'state' | 'escalation'>

/** Whether this agent may accept or reject the chat now. Who had it, and who has said no, may not. */
export function takeable({ state, escalation }: Offered, { id, team_ids, supervises }: Taker): boolean {
  if (state !== 'escalated' || !escalation || escalation.origin.id === id) return false
  if (escalation.declined.some(each => each.agent.id === id)) return false
  const { agent, team } = escalation
  return agent?.id === id || (team !== null && team_ids.includes(team.id)) || (escalation.supervisors && supervises)
}

/** Made to this agent alone: the place for it is kept among their chats already. */
export const isDirected = ({ escalation }: Pick<ChatOut, 'escalation'>, agentId: number): boolean => escalation?.agent?.id === agentId

type Timed = Pick<EscalationOut, 'made_at' | 'due_at'>

/** Whole seconds until nobody can accept it any more; never below zero. */
export const secondsToAccept = ({ due_at }: Timed, now: number): number => Math.max(0, Math.ceil((Date.parse(due_at) - now) / 1000))

/** Amber for the second half of its time, red for the last fifth. */
export function urgencyOf(offer: Timed, now: number): 'neutral' | 'warn' | 'bad' {
  const whole = Math.max(1, (Date.parse(offer.due_at) - Date.parse(offer.made_at)) / 1000)
  const share = secondsToAccept(offer, now) / whole
  return share <= 0.2 ? 'bad' : share <= 0.5 ? 'warn' : 'neutral'
}

/** Offers in the order they fall due. */
export const byDue = (a: ChatOut, b: ChatOut): number =>
  Date.parse(a.escalation?.due_at ?? '') - Date.parse(b.escalation?.due_at ?? '') || a.id - b.id

// --- To whom ---------------------------------------------------------------------------------------------

export type Target = { kind: 'team'; team: TargetTeam } | { kind: 'agent'; target: TargetAgent }

export const targetName = (target: Target): string => (target.kind === 'team' ? target.team.name : target.target.agent.name)
export const targetKey = (target: Target): string => (target.kind === 'team' ? `team-${target.team.id}` : `agent-${target.target.agent.id}`)

/** Why it cannot be chosen at all, by its code. A team where nobody is free can, by whoever insists. */
export function refusalOf(target: Target): string | null {
  const why = target.kind === 'team' ? target.team.why_not : target.target.why_not
  return why === 'no_agents' ? null : why
}

/** Nobody there can take it now: it is offered only by somebody who insists. */
export const needsInsisting = (target: Target): boolean => target.kind === 'team' && target.team.why_not === 'no_agents'

/** As the body of a request names it. */
export const namedBy = (target: Target): { team_id: number } | { agent_id: number } =>
  target.kind === 'team' ? { team_id: target.team.id } : { agent_id: target.target.agent.id }

export const NOTE_LEAST = 3
export const NOTE_MOST = 2000

export type NoteProblem = 'note_missing' | 'note_short' | 'note_long'

/** What is wrong with the words that go with an offer or with a refusal, or null. Blanks do not count. */
export function noteProblem(note: string, most = NOTE_MOST): NoteProblem | null {
  const length = [...note.trim()].length
  if (length > most) return 'note_long'
  return length >= NOTE_LEAST ? null : length === 0 ? 'note_missing' : 'note_short'
}

// --- And back --------------------------------------------------------------------------------------------

/** Why an offer is rejected, in the order of the keys 1 to 5. */
export const REJECTIONS = ['wrong_team', 'missing_facts', 'no_time', 'not_needed', 'other'] as const
export type Rejection = (typeof REJECTIONS)[number]
export const REJECTION_MOST = 500

export const rejectionForKey = (key: string): Rejection | null => (/^[1-5]$/.test(key) ? REJECTIONS[Number(key) - 1]! : null)
