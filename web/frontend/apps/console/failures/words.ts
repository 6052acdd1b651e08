/** The words of the review of failed responses: they come with it. */
import { createI18n } from '#shared/i18n'
import type { ErrorOut } from '#shared/wire.gen'
import { sentenceOf } from '../data/problem'
import english from './en.json'

export const { t, has, parts, locale } = createI18n(english)

export const percent = (share: number): string => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(share)

/** A likeness or a confidence: nobody reads its decimals. */
export const roughly = (share: number): string => new Intl.NumberFormat(locale, { style: 'percent' }).format(share)

/** A refusal as a dialog speaks of it, in which something is written already; else as this page does, else as the console. */
export function refusalOf(error: ErrorOut): string {
  if (error.code === 'not_proved' && error.proof) {
    const { percent: reached, needed_percent: needed, broken } = error.proof
    if (reached === null) return t('error.not_proved_never')
    return broken ? t('error.not_proved_broken', { count: broken }) : t('error.not_proved_short', { reached, needed })
  }
  if (error.code === 'cluster_changed' && error.by) return t('error.cluster_changed_by', { name: error.by.name })
  const key = [`dialog.${error.code}`, `error.${error.code}`].find(has)
  return key ? t(key) : sentenceOf(error)
}
