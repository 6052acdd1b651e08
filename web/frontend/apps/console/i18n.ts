/** The console's words. Keys are typed from `en.json`. */
import { createI18n } from '#shared/i18n'
import english from './en.json'

export const { t, parts, has, locale } = createI18n(english)

export type Key = keyof typeof english
