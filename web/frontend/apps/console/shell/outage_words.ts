/** What does not get through, in words: for the banner that stands, and for the call when it begins. */
import type { AlarmOut } from '#shared/wire.gen'
import { t } from '../i18n'

export const titleOf = ({ about, name }: AlarmOut): string => t(about === 'webhook' ? 'outage.webhook_title' : 'outage.title', { name })

export function factsOf({ dead, waiting, unread, cut_off, about }: AlarmOut): string {
  if (about === 'webhook') return t('outage.webhook_text')
  return [
    cut_off ? t('outage.cut_off') : '',
    waiting > 0 ? t('outage.waiting', { count: waiting }) : '',
    dead > 0 ? t('outage.dead', { count: dead }) : '',
    unread > 0 ? t('outage.unread', { count: unread }) : ''
  ].filter(Boolean).join(' ')
}

/** The alarm, and how many stand beside it. */
export const saidOf = (first: AlarmOut, others: number): string => (others > 0 ? `${factsOf(first)} ${t('outage.more', { count: others })}` : factsOf(first))
