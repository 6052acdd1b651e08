/** The words of the broadcasts: they come with the page. */
import { createI18n } from '#shared/i18n'
import english from './en.json'

export const { t, locale } = createI18n(english)
