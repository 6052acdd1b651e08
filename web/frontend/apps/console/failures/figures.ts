/** From the figures of the server to what the page says of them and draws. */
import type { FailureDay, FailureFigure } from '#shared/wire.gen'

export type Change = 'up_better' | 'down_better' | 'up_worse' | 'down_worse' | 'same' | 'unknown'

/** More of these is good; more of the others is not. */
const WANTED: ReadonlySet<FailureFigure['name']> = new Set(['containment', 'net_containment', 'confirmed_resolution', 'assumed_resolution'])
/** Shares that are written alike are alike. */
const SAME = 0.0005

export function changeOf({ name, share, before }: Pick<FailureFigure, 'name' | 'share' | 'before'>): Change {
  if (share === null || before === null) return 'unknown'
  const change = share - before
  if (Math.abs(change) < SAME) return 'same'
  const better = change > 0 === WANTED.has(name)
  return `${change > 0 ? 'up' : 'down'}_${better ? 'better' : 'worse'}`
}

/** Of what it is a share. */
export const unitOf = (name: FailureFigure['name']): 'turns' | 'sessions' => (name === 'fallback_rate' ? 'turns' : 'sessions')

const DAY_MS = 86_400_000
const COUNTS = ['turns', 'failed_turns', 'sessions', 'failed_sessions', 'contained'] as const

const nothing = (day: string): FailureDay => ({ day, turns: 0, failed_turns: 0, sessions: 0, failed_sessions: 0, contained: 0 })

/** Every day of the period, those without a session too: a gap in the picture would look like a shorter time. */
export function everyDay(days: readonly FailureDay[], since: string, until: string): FailureDay[] {
  const known = new Map(days.map(each => [each.day, each]))
  const all: FailureDay[] = []
  for (let at = Date.parse(since.slice(0, 10)); at < Date.parse(until); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10)
    all.push(known.get(day) ?? nothing(day))
  }
  return all
}

/** Weeks of seven days, the last one whole: more than a month of columns is a comb. */
export function byWeek(days: readonly FailureDay[]): FailureDay[] {
  const weeks: FailureDay[] = []
  for (let end = days.length; end > 0; end -= 7) {
    const week = days.slice(Math.max(0, end - 7), end)
    const sum = nothing(week[0]!.day)
    for (const day of week) for (const name of COUNTS) sum[name] += day[name]
    weeks.unshift(sum)
  }
  return weeks
}
