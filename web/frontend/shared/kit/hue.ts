/** The hues that tell teams, tags and people apart. */
export const HUES: readonly number[] = [262, 25, 160, 75, 320, 200, 300, 120]

/** A hue for a name that brings none: the same name always gives the same colour. */
export function hueOf(name: string): number {
  let sum = 7
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 9973
  return HUES[sum % HUES.length]!
}

/** At most two letters: of the first two words, or the first of the only one. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  return words.slice(0, 2).map(word => [...word][0] ?? '').join('').toLocaleUpperCase()
}
