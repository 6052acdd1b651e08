/** Promises: in what order they stand, which of them are pressing, and how their time is said. */
import { clock, dayLabel, duration, timeOfDay } from '#shared/time'
import type { PromiseOut } from '#shared/wire.gen'

export interface PromiseView {
  scope: 'mine' | 'all'
  state: 'open' | 'settled'
}

export type Urgency = 'later' | 'soon' | 'overdue'

/** @param warn seconds before its time from which a promise is due soon */
export function urgency(promise: Pick<PromiseOut, 'due_at'>, now: number, warn: number): Urgency {
  const left = secondsLeft(promise, now)
  return left < 0 ? 'overdue' : left <= warn ? 'soon' : 'later'
}

/** Below zero: over. */
export const secondsLeft = (promise: Pick<PromiseOut, 'due_at'>, now: number): number =>
  Math.floor((Date.parse(promise.due_at) - now) / 1000)

/** Open ones: the first due first. Settled ones: the newest on top. */
export function inPromiseOrder(promises: Iterable<PromiseOut>, view: PromiseView, agentId: number): PromiseOut[] {
  const open = view.state === 'open'
  const time = (promise: PromiseOut) => Date.parse(open ? promise.due_at : (promise.settled_at ?? promise.made_at))
  return [...promises]
    .filter(promise => (promise.state === 'open') === open && (view.scope === 'all' || promise.owner.id === agentId))
    .sort((a, b) => (open ? time(a) - time(b) : time(b) - time(a)) || (open ? a.id - b.id : b.id - a.id))
}

/** A running clock within this many seconds of the time; the day and the hour further away. */
const CLOCK_WITHIN = 3600

/** How far it is: a running figure near the time, the largest unit further away. Without a sign: the words around it say. */
export function distance(promise: Pick<PromiseOut, 'due_at'>, now: number, locale: string): string {
  const seconds = Math.abs(secondsLeft(promise, now))
  return seconds < CLOCK_WITHIN ? clock(seconds) : duration(seconds, locale)
}

/** "Today, 16:00", "24 November 2026, 09:30". */
export function dueLabel(promise: Pick<PromiseOut, 'due_at'>, now: number, locale: string): string {
  return `${futureDay(promise.due_at, now, locale)}, ${timeOfDay(promise.due_at, locale)}`
}

/** As `dayLabel`, which looks back; the days ahead have names too. */
function futureDay(moment: string, now: number, locale: string): string {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0)
  const ahead = Math.round((midnight(Date.parse(moment)) - midnight(now)) / 86_400_000)
  if (ahead <= 0) return dayLabel(moment, now, locale)
  if (ahead === 1) {
    const tomorrow = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(1, 'day')
    return tomorrow.charAt(0).toLocaleUpperCase(locale) + tomorrow.slice(1)
  }
  const options: Intl.DateTimeFormatOptions =
    ahead < 7 ? { weekday: 'long' } : { weekday: 'short', day: 'numeric', month: 'long' }
  return new Intl.DateTimeFormat(locale, options).format(new Date(moment))
}

/** What a field of the type `datetime-local` shows for a moment, in this machine's zone. */
export function asLocalInput(moment: string | number): string {
  const date = new Date(moment)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** The moment such a field names, or null when it names none. */
export function fromLocalInput(value: string): string | null {
  const time = new Date(value).getTime()
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}
