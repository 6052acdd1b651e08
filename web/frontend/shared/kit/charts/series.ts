/** What charts are made of: series with a name and a tone, and scales of round figures. */

export type Tone = 'ok' | 'bad' | 'warn' | 'quiet' | 'c1' | 'c2'

export interface Series {
  id: string
  name: string
  tone: Tone
}

/** One bar: its parts in the order of the series. */
export interface Stack {
  id: string | number
  label: string
  values: readonly number[]
}

export const total = ({ values }: Stack): number => values.reduce((sum, value) => sum + value, 0)

/** "12 November: Accepted 5, Rejected 1": what a bar says without its colours. Parts of nothing are left out. */
export function inWords(stack: Stack, series: readonly Series[]): string {
  const parts = series.flatMap(({ name }, i) => (stack.values[i] ? [`${name} ${stack.values[i]}`] : []))
  return `${stack.label}: ${parts.length > 0 ? parts.join(', ') : '0'}`
}

/** Lines at round whole figures from zero up to the first at or above the most. At most five of them. */
export function scale(most: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, most / 4)))
  const step = [1, 2, 5, 10].map(each => each * magnitude).find(each => most / each <= 4) ?? 10 * magnitude
  return Array.from({ length: Math.max(1, Math.ceil(most / step)) + 1 }, (_, i) => i * step)
}
