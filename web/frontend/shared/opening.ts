/**
 * Opening hours: whether it is open now, and when that changes.
 *
 * Everything is reckoned by the calendar and the clock of the hours' own time zone. `HH:MM` throughout; `24:00` is the
 * midnight at the end of the day. No hours at all (null) means always open.
 */
import type { Hours, OpeningHours } from './wire.gen'

const DAY_MIN = 1_440
/** How far ahead an opening is looked for. */
const DAYS_AHEAD = 60

export interface DayIn {
  /** YYYY-MM-DD, there */
  date: string
  /** 0 is Monday */
  weekday: number
  /** Minutes since its midnight */
  minute: number
}

/** When it changes: so many days from today, there. */
export interface Change {
  days: number
  /** YYYY-MM-DD */
  date: string
  /** HH:MM */
  time: string
}

export type Opening = { open: true; closes: Change | null } | { open: false; opens: Change | null }

/** @param moment as `Date.now()` */
export function openingAt(hours: OpeningHours | null, moment: number): Opening {
  if (hours === null) return { open: true, closes: null }
  const today = dayIn(hours.time_zone, moment)
  const now = spansOf(hours, today.date, today.weekday).find(([from, to]) => from <= today.minute && today.minute < to)
  return now ? { open: true, closes: closingAfter(hours, today, now[1]) } : { open: false, opens: openingAfter(hours, today) }
}

/** An evening that goes on after midnight is one stretch. */
function closingAfter(hours: OpeningHours, today: DayIn, closes: number): Change | null {
  let [days, until] = [0, closes]
  while (until === DAY_MIN) {
    const date = addDays(today.date, days + 1)
    const next = spansOf(hours, date, (today.weekday + days + 1) % 7)[0]
    if (next?.[0] !== 0) break
    days += 1
    until = next[1]
    if (days > DAYS_AHEAD) return null
  }
  // A close at the end of a day is at the next day's midnight.
  return until === DAY_MIN ? changeAt(today, days + 1, 0) : changeAt(today, days, until)
}

function openingAfter(hours: OpeningHours, today: DayIn): Change | null {
  for (let days = 0; days <= DAYS_AHEAD; days++) {
    const spans = spansOf(hours, addDays(today.date, days), (today.weekday + days) % 7)
    const next = spans.find(([from]) => days > 0 || from > today.minute)
    if (next) return changeAt(today, days, next[0])
  }
  return null
}

const changeAt = (today: DayIn, days: number, minute: number): Change => ({
  days, date: addDays(today.date, days), time: timeAt(minute)
})

/** The day's stretches from early to late, as minutes; a holiday's own instead of its weekday's. */
function spansOf(hours: OpeningHours, date: string, weekday: number): [from: number, to: number][] {
  const holiday = hours.holidays?.find(each => each.date === date)
  const given = holiday ? (holiday.hours ?? []) : (hours.week.find(each => each.day === weekday)?.hours ?? [])
  return given
    .map(({ opens, closes }): [number, number] => [minuteOf(opens), minuteOf(closes)])
    .filter(([from, to]) => from < to)
    .sort((a, b) => a[0] - b[0])
    // Two that meet are one.
    .reduce<[number, number][]>((all, span) => {
      const last = all.at(-1)
      if (last && span[0] <= last[1]) last[1] = Math.max(last[1], span[1])
      else all.push(span)
      return all
    }, [])
}

/** What day and time it is in a zone; in this machine's where the zone is unknown here. */
export function dayIn(timeZone: string, moment: number): DayIn {
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23'
  }
  let parts: Intl.DateTimeFormatPart[]
  try {
    parts = new Intl.DateTimeFormat('en', { ...options, timeZone }).formatToParts(moment)
  } catch {
    parts = new Intl.DateTimeFormat('en', options).formatToParts(moment)
  }
  const part = (type: string) => parts.find(each => each.type === type)?.value ?? '00'
  const date = `${part('year')}-${part('month')}-${part('day')}`
  return { date, weekday: weekdayOf(date), minute: Number(part('hour')) * 60 + Number(part('minute')) }
}

/** 0 is Monday. */
export function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MIN * 60_000).toISOString().slice(0, 10)
}

export const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

export function timeAt(minute: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

export type HoursProblem = 'bad_time' | 'bad_order' | 'bad_overlap'

/** What is wrong with a day's hours, or null. */
export function hoursProblem(hours: readonly Hours[]): HoursProblem | null {
  if (hours.some(({ opens, closes }) => !/^\d\d:\d\d$/.test(opens) || !/^\d\d:\d\d$/.test(closes))) return 'bad_time'
  const spans = hours.map(({ opens, closes }) => [minuteOf(opens), minuteOf(closes)] as const).sort((a, b) => a[0] - b[0])
  if (spans.some(([from, to]) => to <= from)) return 'bad_order'
  return spans.some(([from], i) => i > 0 && from < spans[i - 1]![1]) ? 'bad_overlap' : null
}

export type HolidayProblem = 'holiday_date_missing' | 'holiday_name_missing' | 'holiday_twice' | HoursProblem

export function holidayProblem(holidays: readonly { date: string; name: string; hours?: readonly Hours[] }[], at: number): HolidayProblem | null {
  const { date, name, hours = [] } = holidays[at]!
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return 'holiday_date_missing'
  if (holidays.some((each, i) => i < at && each.date === date)) return 'holiday_twice'
  if (name.trim() === '') return 'holiday_name_missing'
  return hoursProblem(hours)
}

/** Whether these can be saved as they stand. */
export function hoursAreRight(hours: OpeningHours | null): boolean {
  if (hours === null) return true
  const holidays = hours.holidays ?? []
  return hours.week.every(day => hoursProblem(day.hours) === null) && holidays.every((_, i) => holidayProblem(holidays, i) === null)
}
