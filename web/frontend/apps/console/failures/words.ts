/** The words of the review of failed responses: they come with it. */
import { createI18n } from '#shared/i18n'
import english from './en.json'

export const { t, has, locale } = createI18n(english)
