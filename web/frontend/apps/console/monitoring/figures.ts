/** From the report of the server to what its charts draw. */
import type { Series, Stack } from '#shared/kit/charts/series'
import type { DayOutcomes, Outcomes } from '#shared/wire.gen'

export const PERIODS = ['7', '30', '90'] as const
export type Period = (typeof PERIODS)[number]

/** What became of an offer, as the charts tell it. The two ways of taking one back are one colour there; the tables tell them apart. */
export const OUTCOMES = ['accepted', 'rejected', 'timed_out', 'taken_back', 'pending'] as const
export type Outcome = (typeof OUTCOMES)[number]

const TONES = { accepted: 'ok', rejected: 'bad', timed_out: 'warn', taken_back: 'quiet', pending: 'c2' } as const

export const seriesOf = (name: (outcome: Outcome) => string): Series[] => OUTCOMES.map(id => ({ id, name: name(id), tone: TONES[id] }))

export const partsOf = ({ accepted, rejected, timed_out, cancelled, withdrawn, pending }: Omit<Outcomes, 'accept_median_s' | 'accept_p90_s'>): number[] =>
  [accepted, rejected, timed_out, cancelled + withdrawn, pending]

const DAY_MS = 86_400_000

/** The first moment of the period: midnight in UTC, as the report counts its days. */
export function beginOf(period: Period, now: number): string {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  return new Date(today - (Number(period) - 1) * DAY_MS).toISOString()
}

export type Counted = Omit<DayOutcomes, 'accept_median_s' | 'accept_p90_s'>

const COUNTS = ['offered', 'pending', 'accepted', 'rejected', 'cancelled', 'timed_out', 'withdrawn'] as const

/** Every day of the period, those without an offer too: a gap in the picture would look like a shorter time. */
export function everyDay(days: readonly DayOutcomes[], since: string, until: string): Counted[] {
  const known = new Map(days.map(each => [each.day, each]))
  const all: Counted[] = []
  for (let at = Date.parse(since.slice(0, 10)); at < Date.parse(until); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10)
    all.push(known.get(day) ?? { ...nothing(), day })
  }
  return all
}

/** Weeks of seven days, the last one whole: more than a month of columns is a comb. */
export function byWeek(days: readonly Counted[]): Counted[] {
  const weeks: Counted[] = []
  const first = days.length % 7
  for (let from = first === 0 ? 0 : first - 7; from < days.length; from += 7) {
    const week = days.slice(Math.max(0, from), from + 7)
    weeks.push(week.reduce((sum, day) => ({ ...add(sum, day), day: week[0]!.day }), { ...nothing(), day: week[0]!.day }))
  }
  return weeks
}

const nothing = (): Omit<Counted, 'day'> => ({ offered: 0, pending: 0, accepted: 0, rejected: 0, cancelled: 0, timed_out: 0, withdrawn: 0 })

const add = (a: Omit<Counted, 'day'>, b: Omit<Counted, 'day'>): Omit<Counted, 'day'> =>
  Object.fromEntries(COUNTS.map(name => [name, a[name] + b[name]])) as unknown as Omit<Counted, 'day'>

export const stackOf = (id: string | number, label: string, outcomes: Parameters<typeof partsOf>[0]): Stack => ({ id, label, values: partsOf(outcomes) })

/** The share of those that came to an end; null while none has. */
export const shareOf = (count: number, { offered, pending }: Pick<Outcomes, 'offered' | 'pending'>): number | null =>
  offered - pending > 0 ? count / (offered - pending) : null
