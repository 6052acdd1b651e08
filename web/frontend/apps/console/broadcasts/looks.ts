/** How a broadcast looks on each channel by which somebody of its audience is reached, and what of it cannot be sent there. */
import { plain } from '#shared/format'
import type { BroadcastTemplate, WayOut } from '#shared/wire.gen'

export interface Look {
  key: string
  drawn: 'widget' | 'messenger' | 'letter' | 'template'
  way: WayOut
  people: number
  /** The words as they arrive, without the line about stopping. */
  text: string
  /** Characters that this channel does not take any more: with them nothing is sent. */
  over: number
  /** It does not know the marks of bold, italic and code, so they are left away. */
  bare: boolean
  template: BroadcastTemplate | null
}

const characters = (text: string): number => [...text].length

/** What is sent of these words by one way, as `rules/broadcasting.py` makes it. */
export const saidBy = ({ can }: Pick<WayOut, 'can'>, body: string): string => (can.formats ? body : plain(body)).trim()

/** By how many characters it is too long for one way; 0 where it fits. */
export function overBy(way: Pick<WayOut, 'can' | 'stop'>, body: string): number {
  const line = way.stop === null ? 0 : characters(`\n\n${way.stop}`)
  return Math.max(0, characters(saidBy(way, body)) + line - way.can.longest)
}

export function looksOf(ways: readonly WayOut[], body: string, templates: readonly BroadcastTemplate[]): Look[] {
  return ways.flatMap(way => {
    const text = saidBy(way, body)
    const template = templates.find(each => each.channel_id === way.channel.id) ?? null
    const drawn = way.channel.kind === 'web' ? 'widget' : way.can.subjects ? 'letter' : 'messenger'
    const key = String(way.channel.id)
    const looks: Look[] = []
    if (way.free > 0) looks.push({ key, drawn, way, people: way.free, text, over: overBy(way, body), bare: text !== body.trim(), template: null })
    if (template) looks.push({ key: `${key}-template`, drawn: 'template', way, people: way.by_template, text: '', over: 0, bare: false, template })
    return looks
  })
}
