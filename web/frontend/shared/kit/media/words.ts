/** The words of files, apart from the kit's own: a page without files does not carry them. */
import { createI18n } from '../../i18n'
import en from './en.json'

export const { t, locale } = createI18n(en)
