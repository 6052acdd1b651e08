/** Times as people say them, by Intl alone. Moments of the wire are ISO strings; "now" is always an argument. */

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Whole seconds from a moment to `now` (`Date.now()`), never below zero: clocks of two machines differ. */
export function secondsSince(moment: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(moment)) / 1000))
}

/** A running figure: "0:41", "6:12", "1:03:20". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [h, m, s] = [Math.floor(whole / HOUR), Math.floor((whole % HOUR) / MINUTE), whole % MINUTE]
  const two = (n: number) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** How long something took, in its largest unit: "41 sec", "6 min", "2 hr". */
export function duration(seconds: number, locale = 'en'): string {
  const [value, unit] = largest(seconds)
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value)
}

/** "now", "6 min ago", "yesterday". */
export function relative(moment: string, now: number, locale = 'en'): string {
  const seconds = secondsSince(moment, now)
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
  if (seconds < MINUTE) return format.format(0, 'second')
  const [value, unit] = largest(seconds)
  return format.format(-value, unit)
}

/** The time of day: "16:02". */
export function timeOfDay(moment: string, locale?: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(new Date(moment))
}

/** A moment of this year: "14 Nov, 16:02". */
export function dayAndTime(moment: string, locale?: string): string {
  const parts: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
  return new Intl.DateTimeFormat(locale, parts).format(new Date(moment))
}

/** A day as a heading: "Today", "Yesterday", "14 November 2026". */
export function dayLabel(moment: string, now: number, locale = 'en'): string {
  const ago = daysBetween(moment, now)
  if (ago < 2) return capital(new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-ago, 'day'), locale)
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(moment))
}

/** The shortest that tells when: the time today, the weekday this week, else the date. */
export function shortMoment(moment: string, now: number, locale?: string): string {
  const ago = daysBetween(moment, now)
  if (ago === 0) return timeOfDay(moment, locale)
  const options: Intl.DateTimeFormatOptions = ago < 7 ? { weekday: 'short' } : { day: 'numeric', month: 'short' }
  return new Intl.DateTimeFormat(locale, options).format(new Date(moment))
}

export function sameDay(a: string, b: string): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString()
}

/** Midnights between a moment and now, in this machine's zone; zero for anything later than now. */
function daysBetween(moment: string, now: number): number {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0)
  return Math.max(0, Math.round((midnight(now) - midnight(Date.parse(moment))) / (DAY * 1000)))
}

function largest(seconds: number): [number, 'second' | 'minute' | 'hour' | 'day'] {
  if (seconds < MINUTE) return [Math.max(0, Math.floor(seconds)), 'second']
  if (seconds < HOUR) return [Math.floor(seconds / MINUTE), 'minute']
  if (seconds < DAY) return [Math.floor(seconds / HOUR), 'hour']
  return [Math.floor(seconds / DAY), 'day']
}

function capital(text: string, locale: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1)
}
