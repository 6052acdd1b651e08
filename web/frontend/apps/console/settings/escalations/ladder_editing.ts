/**
 * A ladder of escalation steps as somebody edits it: some steps on the way, and one that ends it. The end stays the end, so no
 * order of the rest can be wrong.
 */
import type { Step, TeamBrief } from '#shared/wire.gen'

/** As the server counts them, the end included. */
export const MOST_STEPS = 8

export const ON_THE_WAY = ['remind', 'team', 'supervisors'] as const
export const AT_THE_END = ['origin', 'queue'] as const
export type OnTheWay = (typeof ON_THE_WAY)[number]
export type AtTheEnd = (typeof AT_THE_END)[number]

type Kind = Step['do']

export const isEnd = (kind: Kind): kind is AtTheEnd => (AT_THE_END as readonly Kind[]).includes(kind)

/** A minute after what is before it, like the reminder that every desk begins with. */
const USUAL_S = 60

/** With one more step, before the end. */
export function withStep(steps: readonly Step[]): Step[] {
  return [...steps.slice(0, -1), { do: 'remind', after_s: USUAL_S, team_id: null }, ...steps.slice(-1)]
}

export const withoutStep = (steps: readonly Step[], at: number): Step[] => steps.filter((_, i) => i !== at)

/** The same steps with one of them elsewhere; null where it cannot go there. */
export function movedStep(steps: readonly Step[], from: number, to: number): Step[] | null {
  const last = steps.length - 1
  if (to < 0 || to >= last || from >= last) return null
  const moved = [...steps]
  moved.splice(to, 0, ...moved.splice(from, 1))
  return moved
}

/** Another kind of step; a team is named where one is asked, and nowhere else. */
export function ofKind(step: Step, kind: Kind, teams: readonly TeamBrief[]): Step {
  return { ...step, do: kind, team_id: kind === 'team' ? (step.team_id ?? teams[0]?.id ?? null) : null }
}

/** A team that is not there any more, or none. */
export const lacksTeam = (step: Step, teams: readonly TeamBrief[]): boolean =>
  step.do === 'team' && !teams.some(team => team.id === step.team_id)

export const ladderIsRight = (steps: readonly Step[] | null, teams: readonly TeamBrief[]): boolean =>
  steps === null || !steps.some(step => lacksTeam(step, teams))

/** Seconds until the end of the ladder, closed hours aside. */
export const spanOf = (steps: readonly Step[]): number => steps.reduce((sum, step) => sum + step.after_s, 0)

/** Seconds for which the first offer can be accepted: until the first step that is no reminder. */
export function acceptSpan(steps: readonly Step[]): number {
  const moves = steps.findIndex(step => step.do !== 'remind')
  return spanOf(steps.slice(0, moves + 1))
}
