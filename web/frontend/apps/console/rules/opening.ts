/** When something opens, as short as it stays clear: the time today, the weekday this week, else the date. */
export function opening(moment: string, now: number, locale: string): string {
  const then = new Date(moment)
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0)
  const days = Math.round((midnight(then.getTime()) - midnight(now)) / 86_400_000)
  const day: Intl.DateTimeFormatOptions = days <= 0 ? {} : days < 7 ? { weekday: 'short' } : { day: 'numeric', month: 'short' }
  return new Intl.DateTimeFormat(locale, { ...day, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(then)
}
