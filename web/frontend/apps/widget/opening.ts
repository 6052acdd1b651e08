/** When the desk opens, as people say it: in the visitor's own time zone, never as a countdown. */
import { timeOfDay } from '#shared/time'
import { locale, t } from './i18n'

const DAY_MS = 86_400_000
/** A weekday is this week's; from here on it would be taken for the nearer one. */
const WEEK = 7

/**
 * "today at 14:00", "tomorrow at 9:00", "Monday at 9:00", "Monday, January 4 at 9:00".
 * @param timeZone the browser's own when left out
 */
export function opensInWords(opensAt: string, now = Date.now(), timeZone?: string): string {
  const opens = Date.parse(opensAt)
  // By this clock it should be open. The desk knows better, and is being asked.
  if (opens <= now) return t('away.soon')
  const time = timeOfDay(opensAt, locale, timeZone).replace(/^0/, '')
  const days = dayOf(opens, timeZone) - dayOf(now, timeZone)
  if (days === 0) return t('away.today', { time })
  if (days === 1) return t('away.tomorrow', { time })
  const date: Intl.DateTimeFormatOptions = days < WEEK ? {} : { day: 'numeric', month: 'long' }
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', ...date, timeZone }).format(opens)
  return t('away.day', { day, time })
}

/** The number of a calendar day, so that a day with a clock change counts as one too. */
function dayOf(moment: number, timeZone?: string): number {
  // Swedish dates are written as `2026-11-23`.
  return Date.parse(new Intl.DateTimeFormat('sv', { timeZone }).format(moment)) / DAY_MS
}

const SOONEST_MS = 60_000
const LATEST_MS = 10 * 60_000

/**
 * Ask again whether the desk is open: when it said it would be, and now and then, for hours are changed and clocks are
 * wrong. Returns the way to stop.
 */
export function watchOpening(opensAt: () => string | null, ask: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout>
  let stopped = false
  const next = () => {
    const at = opensAt()
    const until = at === null ? LATEST_MS : Date.parse(at) - Date.now()
    timer = setTimeout(look, Math.min(LATEST_MS, Math.max(SOONEST_MS, until)))
  }
  const look = async () => {
    await ask()
    if (!stopped) next()
  }
  next()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
