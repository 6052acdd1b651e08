/** The words of the report: they come with it. */
import { createI18n } from '#shared/i18n'
import english from './en.json'

export const { t, locale } = createI18n(english)
