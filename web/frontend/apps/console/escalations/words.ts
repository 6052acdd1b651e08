/** How an offer is spoken of: to whom it was made, and how much time is left. */
import { clock, duration } from '#shared/time'
import type { EscalationOut, HandOut } from '#shared/wire.gen'
import { locale, t } from '../i18n'
import { secondsToAccept } from '../rules/escalating'

type Named = Pick<EscalationOut, 'agent' | 'team'>

/** An offer to neither an agent nor a team is one to the supervisors. */
export const nameOfTarget = ({ agent, team }: Named | HandOut): string => agent?.name ?? team?.name ?? t('escalate.supervisors')

/** A running clock within this many seconds of the end; the largest unit further away. */
const CLOCK_WITHIN = 3600

export function timeLeft(offer: Pick<EscalationOut, 'made_at' | 'due_at'>, now: number): string {
  const seconds = secondsToAccept(offer, now)
  if (seconds === 0) return t('escalation.over')
  return t('escalation.left', { time: seconds < CLOCK_WITHIN ? clock(seconds) : duration(seconds, locale) })
}

export const listed = (people: readonly { name: string }[]): string =>
  new Intl.ListFormat(locale, { type: 'conjunction' }).format(people.map(each => each.name))

/** The time alone today, with the day otherwise. */
export function moment(at: string, now: number): string {
  const then = new Date(at)
  const today = then.toDateString() === new Date(now).toDateString()
  const day: Intl.DateTimeFormatOptions = today ? {} : { weekday: 'short', day: 'numeric', month: 'short' }
  return new Intl.DateTimeFormat(locale, { ...day, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(then)
}
