/** The words of the settings: they come with them, and not with the desk’s first page. */
import { createI18n } from '#shared/i18n'
import english from './en.json'

export const { t, has, locale } = createI18n(english)
export type SettingsKey = keyof typeof english
