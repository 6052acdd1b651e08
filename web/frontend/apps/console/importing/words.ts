/** The words of bringing in a file, whatever is in it. */
import { createI18n } from '#shared/i18n'
import english from './en.json'

export const { t, locale } = createI18n(english)
