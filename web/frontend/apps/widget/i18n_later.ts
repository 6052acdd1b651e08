/** The widget's words with those of the screens that are fetched when somebody comes to them. Only they may import this. */
import { createI18n } from '#shared/i18n'
import english from './en.json'
import later from './en.later.json'

export const { t, locale } = createI18n({ ...english, ...later })
