/** The widget's words. Keys are typed from `en.json`. */
import { createI18n } from '#shared/i18n'
import { dayLabel, shortMoment, timeOfDay } from '#shared/time'
import english from './en.json'

export const { t, locale } = createI18n(english)

export const timeOf = (moment: string) => timeOfDay(moment, locale)
export const dayOf = (moment: string) => dayLabel(moment, Date.now(), locale)
export const whenOf = (moment: string) => shortMoment(moment, Date.now(), locale)
export const dateOf = (moment: string) => new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(moment))
