/** What customers are told of an escalation: which places each text has, and which of them it must not leave out. */

export const TEXTS = ['escalated', 'accepted', 'back', 'later'] as const
export type TextName = (typeof TEXTS)[number]
export type Place = 'agent' | 'target' | 'expected'

export const PLACES: Record<TextName, readonly Place[]> = {
  escalated: ['agent', 'target', 'expected'],
  accepted: ['agent'],
  back: ['agent'],
  later: ['expected']
}
/** A promise without its time is none. */
const NEEDED: Partial<Record<TextName, Place>> = { escalated: 'expected', later: 'expected' }

export const TEXT_MOST = 500

export type TextProblem = 'empty' | 'braces' | 'no_time'

/** What is wrong with a text of the desk's own, or null. */
export function textProblem(name: TextName, text: string): TextProblem | null {
  if (text.trim() === '') return 'empty'
  const rest = PLACES[name].reduce((left, place) => left.replaceAll(`{${place}}`, ''), text)
  if (/[{}]/.test(rest)) return 'braces'
  const needed = NEEDED[name]
  return needed && !text.includes(`{${needed}}`) ? 'no_time' : null
}

/** The text with its places filled by examples. */
export const filledIn = (text: string, examples: Record<Place, string>): string =>
  text.replace(/\{(agent|target|expected)\}/g, (_, place: Place) => examples[place])
