/** A hue for a name that brings none: the same name always gives the same colour. */
const HUES = [262, 25, 160, 75, 320, 200, 300, 120] as const

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
