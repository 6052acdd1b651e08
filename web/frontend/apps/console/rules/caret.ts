/** The server counts letters, a text field counts UTF-16 units: an emoji is one of the first and two of the second. */
export const lettersBefore = (text: string, units: number): number => Array.from(text.slice(0, units)).length

export const unitsBefore = (text: string, letters: number): number => [...text].slice(0, letters).join('').length

/** The text with another in the place between two letters, and where the caret stands after it, in units. */
export function replaced(text: string, start: number, end: number, by: string): { text: string; caret: number } {
  const letters = [...text]
  const head = letters.slice(0, start).join('') + by
  return { text: head + letters.slice(end).join(''), caret: head.length }
}
