/**
 * One stop for Tab, arrows inside: where the focus goes among items in a row or a column.
 *
 * Returns the next index, or null when the key is none of ours.
 */
export function rovingStep(key: string, at: number, count: number, direction: 'row' | 'column' = 'row'): number | null {
  if (count === 0) return null
  const [back, on] = direction === 'row' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
  if (key === back) return (at - 1 + count) % count
  if (key === on) return (at + 1) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return null
}

/** In a language written from right to left, the left arrow is the one that goes on. */
export function inReadingOrder(key: string, element: Element): string {
  if (getComputedStyle(element).direction !== 'rtl') return key
  return key === 'ArrowLeft' ? 'ArrowRight' : key === 'ArrowRight' ? 'ArrowLeft' : key
}
