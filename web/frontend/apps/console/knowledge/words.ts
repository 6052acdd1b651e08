/** The words of services and the knowledge base: they come with their pages. */
import { createI18n } from '#shared/i18n'
import english from './en.json'

export const { t, locale } = createI18n(english)
