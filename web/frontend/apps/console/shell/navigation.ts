/** The pages of the console as the navigation lists them: one list for the side, for the bar of a phone and for the palette. */
import type { IconName } from '#icons'
import type { Frame } from '../context'
import { t } from '../i18n'
import { goToBroadcasts, goToFailures, goToHistory, goToKnowledge, goToList, goToMentions, goToMonitoring, goToPromises, goToSettings, here, toBroadcasts, toFailures, toHistory, toKnowledge, toList, toMentions, toMonitoring, toPromises, toSettings, type Page } from '../place.svelte'

export interface NavItem {
  page: Page
  /** The bot's own pages stand together, so do those of the desk. */
  group: 'chats' | 'assistant' | 'desk'
  icon: IconName
  label: string
  /** Where there is room for one word */
  short: string
  href: string
  go: () => void
  /** `g`, then this key */
  key: string
  count?: { value: number; tone: 'hot' | 'bad'; unit: string }
}

/** What this agent may open, in the order of the side navigation. */
export function navigation({ console: { desk, inbox, mentions, promises } }: Frame, now: number): NavItem[] {
  const items: (NavItem | false)[] = [
    {
      page: 'inbox', group: 'chats', icon: 'inbox', label: t('nav.inbox'), short: t('nav.inbox'), key: 'i',
      href: toList(here.page === 'inbox' ? here.list : 'mine'), go: () => goToList('mine'), count: { value: inbox.mine.unread, tone: 'hot', unit: t('nav.unread') }
    },
    {
      page: 'mentions', group: 'chats', icon: 'at-sign', label: t('nav.mentions'), short: t('nav.mentions'), key: 'm',
      href: toMentions(), go: goToMentions, count: { value: mentions.unseen, tone: 'hot', unit: t('nav.unseen') }
    },
    // Promises are made and kept by those who answer, and watched by those who supervise.
    (desk.can('chat.answer') || desk.can('chat.supervise')) && {
      page: 'promises', group: 'chats', icon: 'calendar-clock', label: t('nav.promises'), short: t('nav.promises'), key: 'p',
      href: toPromises(), go: goToPromises, count: { value: promises.pressing(now), tone: 'bad', unit: t('nav.pressing') }
    },
    desk.can('history.read') && { page: 'history', group: 'chats', icon: 'rotate-ccw', label: t('nav.history'), short: t('nav.history'), key: 'h', href: toHistory(), go: goToHistory },
    desk.can('failure.review') && {
      page: 'failures', group: 'assistant', icon: 'message-circle-warning', label: t('nav.failures'), short: t('nav.failures_short'), key: 'f', href: toFailures(), go: goToFailures
    },
    { page: 'services', group: 'assistant', icon: 'bot', label: t('nav.services'), short: t('nav.services'), key: 'v', href: toKnowledge('services'), go: () => goToKnowledge('services') },
    { page: 'articles', group: 'assistant', icon: 'library', label: t('nav.articles'), short: t('nav.articles'), key: 'k', href: toKnowledge('articles'), go: () => goToKnowledge('articles') },
    desk.can('broadcast.prepare') && {
      page: 'broadcasts', group: 'assistant', icon: 'megaphone', label: t('nav.broadcasts'), short: t('nav.broadcasts_short'), key: 'b', href: toBroadcasts(), go: goToBroadcasts
    },
    desk.can('report.read') && {
      page: 'monitoring', group: 'desk', icon: 'chart-column', label: t('nav.monitoring'), short: t('nav.monitoring_short'), key: 'e', href: toMonitoring(), go: goToMonitoring
    },
    { page: 'settings', group: 'desk', icon: 'settings', label: t('nav.settings'), short: t('nav.settings'), key: 's', href: toSettings(), go: () => goToSettings() }
  ]
  return items.filter(item => item !== false)
}

/** On a phone so many have a place of their own; the others stand in the menu at the end. */
const TABS = 4
const TABS_FIRST: readonly Page[] = ['inbox', 'history', 'failures', 'mentions', 'promises']

export function tabs(items: readonly NavItem[]): { shown: NavItem[]; others: NavItem[] } {
  if (items.length <= TABS) return { shown: [...items], others: [] }
  const rank = ({ page }: NavItem) => (TABS_FIRST.includes(page) ? TABS_FIRST.indexOf(page) : TABS_FIRST.length)
  const first = new Set([...items].sort((a, b) => rank(a) - rank(b)).slice(0, TABS))
  return { shown: items.filter(item => first.has(item)), others: items.filter(item => !first.has(item)) }
}
