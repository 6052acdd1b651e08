/** An event entry as the sentence that stands in the log. */
import type { IconName } from '#icons'
import { duration } from '#shared/time'
import type { MessageOut } from '#shared/wire.gen'
import { has, locale, t } from '../i18n'
import { eventWords } from '../rules/events'
import { reasonLabel } from '../rules/reasons.svelte'

export function eventSentence(message: MessageOut, myId: number): { text: string; icon: IconName } {
  const { icon, key, name, by, team, reason, endReason, endCause, waitedS, body } = eventWords(message, myId)
  if (key === 'said') return { icon, text: body }
  if (key === 'ended_otherwise') {
    const cause = `cause.${endCause}`
    return { icon, text: has(cause) ? t(cause) : body }
  }
  const said = t(`event.${key}`, { name, by, team, rating: body, tags: body, reason: endReason ? reasonLabel(endReason) : '' })
  const waited = waitedS === null ? '' : ` ${t('event.waited', { time: duration(waitedS, locale) })}`
  const because = reason ? `. ${t('event.reason', { reason })}` : ''
  return { icon, text: said + waited + because }
}
