/** What is read from a group: whether something that exists may serve it, and how it goes. */
import type { ClusterOut, FailureOut } from '#shared/wire.gen'
import { has, locale, t } from './words'

/** Above this it is likelier than not that a service or an article is meant for it. */
const LIKELY = 0.5

export const knownTopic = ({ known }: Pick<ClusterOut, 'known'>): boolean => known !== null && known >= LIKELY

export const STATUS_TONES = { open: 'accent', snoozed: 'warn', resolved: 'ok', dismissed: 'neutral', merged: 'neutral' } as const satisfies Record<ClusterOut['status'], string>

export const percent = (share: number): string => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share)

/** This week against the one before. */
export function trendOf({ trend, week }: Pick<ClusterOut, 'trend' | 'week'>): { text: string; tone: 'up' | 'level' } {
  if (trend === null) return { text: week > 0 ? t('trend.new') : t('trend.none'), tone: 'level' }
  const text = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(trend)
  return { text, tone: trend >= RISING ? 'up' : 'level' }
}
const RISING = 0.25

/** Why it was settled. A reason of a later version is said as it is kept. */
export function reasonOf(reason: string): string {
  const key = `reason.${reason}`
  return has(key) ? t(key) : reason
}

/** The suggested action: to write, where nothing that exists fits. */
export function actionFor(cluster: Pick<ClusterOut, 'known' | 'suggestion' | 'article' | 'service'>): 'article' | 'service' {
  if (cluster.service && !cluster.article) return 'service'
  return knownTopic(cluster) && cluster.suggestion?.kind === 'service' ? 'service' : 'article'
}

/** Each wording once, as it was first written. */
export function phrasings(failures: readonly FailureOut[], most = 200): string[] {
  const seen = new Map<string, string>()
  for (const { text } of failures) {
    const key = text.trim().toLocaleLowerCase()
    if (key && !seen.has(key)) seen.set(key, text.trim())
  }
  return [...seen.values()].slice(0, most)
}
