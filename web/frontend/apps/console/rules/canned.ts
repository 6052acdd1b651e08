/** Canned messages: finding one after `/`, and filling in its variables. */
import type { CannedOut, ChatOut } from '#shared/wire.gen'
import { match, type Match } from './fuzzy'
import { firstName, isNameless } from './names'

/** The search typed after a leading slash, or null when the text is no search. */
export function slashQuery(text: string): string | null {
  return /^\/(\S*)$/.exec(text)?.[1] ?? null
}

export interface Hit {
  item: CannedOut
  /** Where the shortcut matched, for highlighting; empty when the title did. */
  ranges: Match['ranges']
}

const TITLE_COUNTS_LESS = 6

/** Shortcuts first, titles after; with no query, everything in its own order. */
export function search(query: string, items: readonly CannedOut[]): Hit[] {
  const hits: (Hit & { score: number })[] = []
  for (const item of items) {
    const byShortcut = match(query, item.shortcut)
    const byTitle = match(query, item.title)
    const score = Math.max(byShortcut?.score ?? -Infinity, (byTitle?.score ?? -Infinity) - TITLE_COUNTS_LESS)
    if (score > -Infinity) hits.push({ item, ranges: byShortcut?.ranges ?? [], score })
  }
  return query === '' ? hits : hits.sort((a, b) => b.score - a.score)
}

export type Variables = Readonly<Record<string, string | null | undefined>>

export function variablesOf(chat: Pick<ChatOut, 'id' | 'customer'>, agentName: string, date: string): Variables {
  const { name } = chat.customer
  return {
    // Nobody is greeted by the name the desk made up for them.
    'customer.name': isNameless(name) ? null : firstName(name),
    'agent.name': firstName(agentName),
    'chat.id': String(chat.id),
    date
  }
}

export interface Filled {
  text: string
  /** The first variable left over, to be selected and typed over; null when all were known. */
  gap: [from: number, to: number] | null
}

const VARIABLE = /\{\{\s*([\w.]+)\s*\}\}/g

/** Known variables become their value; unknown or empty ones stay as they are, for the agent to see. */
export function fill(body: string, values: Variables): Filled {
  const text = body.replace(VARIABLE, (whole, name: string) => values[name]?.trim() || whole)
  return { text, gap: nextGap(text, 0) }
}

/** The next variable that nobody filled, at or after `from`. */
export function nextGap(text: string, from: number): [number, number] | null {
  const found = [...text.matchAll(VARIABLE)].find(each => each.index >= from)
  return found ? [found.index, found.index + found[0].length] : null
}
