/** An event entry as the sentence that stands in the log. */
import type { IconName } from '#icons'
import { duration } from '#shared/time'
import type { MessageOut } from '#shared/wire.gen'
import { has, locale, t } from '../i18n'
import { eventWords } from '../rules/events'
import { reasonLabel } from '../rules/reasons.svelte'

export interface EventSentence {
  text: string
  icon: IconName
  /** What the customer reads of it, where that is not the same. */
  told?: string
}

export function eventSentence(message: MessageOut, myId: number): EventSentence {
  const words = eventWords(message, myId)
  const { icon, key, name, by, team, reason, endReason, endCause, waitedS, policy, priority, promise, body, target, expectedAt, rejection, note, told } = words
  if (key === 'said') return { icon, text: body }
  if (key === 'ended_otherwise') {
    const cause = `cause.${endCause}`
    return { icon, text: has(cause) ? t(cause) : body }
  }
  const said = t(`event.${key}`, {
    name, by, team, rating: body, tags: body, target,
    time: expectedAt === null ? '' : momentOf(expectedAt),
    rejection: rejection === null ? '' : rejectionLabel(rejection),
    reason: endReason ? reasonLabel(endReason) : '',
    policy: policy ? policyName(policy.name) : '',
    load: policy?.load ?? 0,
    limit: policy?.limit ?? 0,
    priority: priority === null ? '' : priorityName(priority)
  })
  // How the desk chose is one line already.
  const waited = waitedS === null || policy !== null ? '' : ` ${t('event.waited', { time: duration(waitedS, locale) })}`
  const because = reason ? `. ${t('event.reason', { reason })}` : ''
  const promised = promise ? `. ${t('event.promised', { name: promise.owner.name, time: momentOf(promise.due_at) })}` : ''
  const also = (key === 'moved' || key === 'moved_you') && priority !== null ? `. ${t('event.priority_also', { priority: priorityName(priority) })}` : ''
  const quoted = rejection !== null && note ? `. “${note}”` : ''
  return { icon, text: said + waited + because + promised + also + quoted, ...(told ? { told } : {}) }
}

/** Why an escalation was turned down. */
export function rejectionLabel(code: string): string {
  const key = `rejection.${code}`
  return has(key) ? t(key) : code
}

export function policyName(policy: string): string {
  const key = `policy.${policy}`
  return has(key) ? t(key) : policy
}

export const priorityName = (priority: number): string => t(priority >= 2 ? 'priority.urgent' : priority === 1 ? 'priority.high' : 'priority.normal')

const momentOf = (at: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at))
