/** Canned messages: finding one after `/`, and filling in its variables. */
import { timeOfDay } from '#shared/time'
import type { CannedOut, ChatOut } from '#shared/wire.gen'
import { match, type Match } from './fuzzy'
import { firstName, isNameless } from './names'

/** The search typed after a leading slash, or null when the text is no search. */
export function slashQuery(text: string): string | null {
  return /^\/(\S*)$/.exec(text)?.[1] ?? null
}

export interface Hit {
  item: CannedOut
  /** Where the shortcut matched, for highlighting; where it did not, the title did. */
  ranges: Match['ranges']
  titleRanges: Match['ranges']
}

const TITLE_COUNTS_LESS = 6

/** Shortcuts first, titles after; with no query, what is used most on top. */
export function search(query: string, items: readonly CannedOut[]): Hit[] {
  const hits: (Hit & { score: number })[] = []
  for (const item of items) {
    const byShortcut = match(query, item.shortcut)
    const byTitle = match(query, item.title)
    const score = Math.max(byShortcut?.score ?? -Infinity, (byTitle?.score ?? -Infinity) - TITLE_COUNTS_LESS)
    if (score === -Infinity) continue
    const found = query !== ''
    hits.push({ item, ranges: found ? (byShortcut?.ranges ?? []) : [], titleRanges: found && !byShortcut ? (byTitle?.ranges ?? []) : [], score })
  }
  return hits.sort((a, b) => (query === '' ? 0 : b.score - a.score) || b.item.uses - a.item.uses)
}

export type Variables = Readonly<Record<string, string | null | undefined>>

export interface Around {
  chat: Pick<ChatOut, 'id' | 'customer' | 'team'>
  /** Null while it is not known. */
  email: string | null
  agentName: string
  deskName: string
  /** As `Date.now()` */
  now: number
  locale: string
}

/** Every name of the desk's list with what it stands for here; null where nothing is known. */
export function variablesOf({ chat, email, agentName, deskName, now, locale }: Around): Variables {
  const { name } = chat.customer
  // Nobody is greeted by the name the desk made up for them.
  const known = isNameless(name) ? null : name
  const day = (at: number) => new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(at))
  return {
    'customer.name': known,
    'customer.first_name': known && firstName(known),
    'customer.email': email,
    'agent.name': agentName,
    'agent.first_name': firstName(agentName),
    'chat.id': String(chat.id),
    'chat.team': chat.team?.name ?? null,
    'desk.name': deskName,
    'date.today': day(now),
    'date.tomorrow': day(new Date(now).setDate(new Date(now).getDate() + 1)),
    'date.time': timeOfDay(new Date(now).toISOString(), locale)
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
