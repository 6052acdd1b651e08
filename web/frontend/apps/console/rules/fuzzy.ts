/** Loose matching for the palette and the canned messages: all letters, in order, early and together is better. */

export interface Match {
  score: number
  /** Half-open ranges of the text that matched, for highlighting. */
  ranges: [from: number, to: number][]
}

const START = 12 // the match begins the text
const WORD = 8 // a letter begins a word
const RUN = 5 // a letter follows the one before it
const GAP = 1 // cost of each skipped letter, up to a limit
const GAP_MOST = 6

const fold = (text: string): string => text.toLocaleLowerCase().normalize('NFKD').replace(/\p{M}/gu, '')

/** Null when some letter of the query is missing. An empty query matches everything, equally. */
export function match(query: string, text: string): Match | null {
  const wanted = [...fold(query)].filter(letter => letter.trim() !== '')
  const letters = [...text].map(fold)
  const ranges: Match['ranges'] = []
  let score = 0
  let previous = -1

  for (const letter of wanted) {
    const at = nextPlace(letters, letter, previous)
    if (at < 0) return null
    const skipped = at - previous - 1
    if (at === 0) score += START
    else if (at === previous + 1) score += RUN
    else if (!isWord(letters[at - 1])) score += WORD
    score -= Math.min(skipped * GAP, GAP_MOST)
    const last = ranges.at(-1)
    if (last && last[1] === at) last[1] = at + 1
    else ranges.push([at, at + 1])
    previous = at
  }
  return { score: score - letters.length / 100, ranges }
}

/** The next letter if it follows at once, else the start of a word, else wherever it comes first. */
function nextPlace(letters: string[], letter: string, previous: number): number {
  if (letters[previous + 1] === letter) return previous + 1
  const first = letters.indexOf(letter, previous + 1)
  if (first < 0) return -1
  const word = letters.findIndex((each, i) => i > previous && each === letter && !isWord(letters[i - 1]))
  return word < 0 ? first : word
}

const isWord = (letter: string | undefined): boolean => letter !== undefined && /[\p{L}\p{N}]/u.test(letter)

/** The items that match, best first; equal ones, and all of them before anything is typed, keep their order. */
export function rank<T>(query: string, items: readonly T[], text: (item: T) => string): T[] {
  if (query.trim() === '') return [...items]
  return items
    .map(item => ({ item, found: match(query, text(item)) }))
    .filter(each => each.found !== null)
    .sort((a, b) => b.found!.score - a.found!.score)
    .map(each => each.item)
}
