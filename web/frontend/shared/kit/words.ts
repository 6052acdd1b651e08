/** The kit's own few words: those a component needs whatever it is used for. */
import { createI18n } from '../i18n'
import en from './en.json'

export const { t } = createI18n(en)
