/** The words of the parts that forms are made of. Apart from the kit's own, so that the widget does not carry them. */
import { createI18n } from '../../i18n'
import en from './en.json'

export const { t, locale } = createI18n(en)
export type FormKey = keyof typeof en
