/** The keyboard of a list of options under an input: which one is active, and which keys move it. */
import { rovingStep } from './roving'

/** The next active index, or null when the key is not one of the list's. Home and End stay with the text. */
export function optionStep(key: string, active: number, count: number): number | null {
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return null
  return active < 0 && key === 'ArrowUp' ? count - 1 : rovingStep(key, active, count, 'column')
}

/** Everything that holds all words of the query, in the order given: the ranking for callers that bring none. */
export function containing<T>(query: string, items: readonly T[], text: (item: T) => string): T[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return items.filter(item => words.every(word => text(item).toLocaleLowerCase().includes(word)))
}
