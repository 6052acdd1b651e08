/** The words of the charts: they come with them. */
import { createI18n } from '../../i18n'
import english from './en.json'

export const { t, locale } = createI18n(english)
