/** Approved texts with gaps: what goes in them, what they say then, and what would be refused. The server checks the same. */
import type { TemplateGap, TemplateOut } from '#shared/wire.gen'

const GAP = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g
const UNTIDY = /[\n\r\t]| {5,}/

/** In what goes to many: the server puts each reader's first name in its place. */
export const THEIR_NAME = '{{customer.first_name}}'

export type Fault = 'empty' | 'untidy' | 'long'

/** A text with its gaps filled, as pieces: `gap` ones are what was typed, or stand empty still. */
export interface Piece {
  text: string
  gap: boolean
}

/** One place of a template as it would be read now. A gap that is empty shows its own name. */
export function pieces(template: TemplateOut, place: 'header' | 'body', values: readonly string[]): Piece[] {
  const text = template[place]
  const found: Piece[] = []
  let from = 0
  for (const match of text.matchAll(GAP)) {
    const at = template.gaps.findIndex(gap => gap.place === place && gap.name === match[1])
    if (match.index > from) found.push({ text: text.slice(from, match.index), gap: false })
    found.push({ text: values[at]?.trim() || match[0], gap: true })
    from = match.index + match[0].length
  }
  if (from < text.length) found.push({ text: text.slice(from), gap: false })
  return found
}

const said = (template: TemplateOut, place: 'header' | 'body', values: readonly string[]): string =>
  pieces(template, place, values).map(piece => piece.text).join('')

/** What would be refused of each gap's words, in the gaps' order; null where nothing is. */
export function faults(template: TemplateOut, values: readonly string[]): (Fault | null)[] {
  const most = template.most as Record<string, number>
  const tooLong = (place: TemplateGap['place']) =>
    place !== 'button' && most[place] !== undefined && [...said(template, place, values)].length > most[place]
  return template.gaps.map((gap, at) => {
    const value = values[at] ?? ''
    if (value.trim() === '') return 'empty'
    if (UNTIDY.test(value.trim())) return 'untidy'
    return tooLong(gap.place) ? 'long' : null
  })
}

const NAMES = new Set(['name', 'customer_name', 'customer', 'first_name', 'firstname', 'full_name'])

/** What a gap most likely wants: the customer's name where it is called so, or is the first after a greeting. */
export function prefilled(template: TemplateOut, customer: { name: string | null; firstName: string | null }): string[] {
  return template.gaps.map(gap => {
    if (gap.place === 'button' || customer.name === null) return ''
    const called = gap.name.toLowerCase()
    if (NAMES.has(called)) return (called.includes('first') ? customer.firstName : customer.name) ?? ''
    const greeted = gap.name === '1' && /^\W*\p{L}+(?:\s\p{L}+)?[,]?\s*\{\{\s*1\s*\}\}\s*[,!.:–-]/u.test(template[gap.place])
    return greeted ? (customer.firstName ?? '') : ''
  })
}

/** One text in one language, whichever copy of the list it is from. */
export const same = (one: TemplateOut, other: TemplateOut): boolean => one.name === other.name && one.language === other.language

/** Its language and, as the provider calls it, what it is for: not in capitals, as they come. */
export const kindOf = ({ language, category }: TemplateOut, locale: string): string =>
  [languageOf(language, locale), category.charAt(0).toUpperCase() + category.slice(1).toLowerCase()].filter(each => each !== '').join(' · ')

/** "Deutsch (Österreich)" of `de_AT`; the code itself where it names no language. */
export function languageOf(code: string, locale: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'language' }).of(code.replace('_', '-')) ?? code
  } catch {
    return code
  }
}
