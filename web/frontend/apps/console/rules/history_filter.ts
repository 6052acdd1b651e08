/** What the history is narrowed by: as its address has it, as the server is asked, and as a saved view keeps it. */
import type { Query } from '#shared/api'
import type { Search } from '#shared/router'
import type { ChatFilter, Gone, ViewOut } from '#shared/wire.gen'

export type Sort = ViewOut['sort']
export type Cause = NonNullable<ChatFilter['causes']>[number]

export interface HistoryFilter {
  scope: 'all' | 'mine'
  state: 'ended' | 'open' | 'any' | null
  /** A stretch of time that ends now, reckoned anew whenever it is asked for; it goes before the two days. */
  period: Preset | null
  /** Days, `YYYY-MM-DD`, on this device's calendar; both belong to it. */
  from: string | null
  to: string | null
  agents: readonly number[]
  teams: readonly number[]
  channels: readonly number[]
  tags: readonly number[]
  services: readonly number[]
  customer: number | null
  reasons: readonly string[]
  causes: readonly string[]
  ratings: readonly number[]
  media: boolean | null
  escalated: boolean | null
  botOnly: boolean | null
  q: string
  sort: Sort
}

export const UNFILTERED: HistoryFilter = {
  scope: 'all', state: null, period: null, from: null, to: null, agents: [], teams: [], channels: [], tags: [], services: [], customer: null,
  reasons: [], causes: [], ratings: [], media: null, escalated: null, botOnly: null, q: '', sort: 'newest'
}

/** Longer than this is no search any more; the server refuses it. */
export const MOST_QUERY = 500
/** Values of one criterion. */
const MOST_VALUES = 50

export const SORTS: readonly Sort[] = ['newest', 'oldest', 'longest', 'lowest_rating']
export const CAUSES: readonly Cause[] = [
  'agent', 'visitor_left', 'visitor_ended', 'queue_abandoned', 'queue_expired', 'inactivity', 'bot_resolved', 'bot_idle', 'admin', 'merged'
]

/** Criteria that hold a list of numbers or codes, by their names in the filter and on the wire. */
const LISTS = {
  agents: 'agent_ids', teams: 'team_ids', channels: 'channel_ids', tags: 'tag_ids', services: 'service_ids',
  reasons: 'reasons', causes: 'causes', ratings: 'ratings'
} as const
const FLAGS = { media: 'has_media', escalated: 'escalated', botOnly: 'bot_only' } as const
export type ListCriterion = keyof typeof LISTS
export type FlagCriterion = keyof typeof FLAGS
const LIST_NAMES = Object.keys(LISTS) as ListCriterion[]
const FLAG_NAMES = Object.keys(FLAGS) as FlagCriterion[]

/** The filter an address names. What makes no sense in it narrows nothing. */
export function filterOf(search: Search): HistoryFilter {
  const words = (name: string) => [...new Set((search[name] ?? '').split(',').map(each => each.trim()).filter(Boolean))].slice(0, MOST_VALUES)
  const ids = (name: string) => words(name).map(Number).filter(id => Number.isSafeInteger(id) && id > 0)
  const period = among(search['period'], PRESETS)
  return {
    scope: search['scope'] === 'mine' ? 'mine' : 'all',
    state: among(search['state'], ['ended', 'open', 'any']),
    period,
    from: period === null ? day(search['from']) : null,
    to: period === null ? day(search['to']) : null,
    agents: ids('agents'), teams: ids('teams'), channels: ids('channels'), tags: ids('tags'), services: ids('services'),
    customer: ids('customer')[0] ?? null,
    reasons: words('reasons').filter(code => code.length >= 2 && code.length <= 40),
    causes: words('causes').filter(code => (CAUSES as readonly string[]).includes(code)),
    ratings: ids('ratings').filter(stars => stars <= 5),
    media: flag(search['media']), escalated: flag(search['escalated']), botOnly: flag(search['botOnly']),
    q: search['q'] ?? '',
    sort: among(search['sort'], SORTS) ?? 'newest'
  }
}

/** The part of an address that names this filter. */
export function searchOf(filter: HistoryFilter): Search {
  const lists = LIST_NAMES.map(name => [name, filter[name].join(',') || undefined])
  const flags = FLAG_NAMES.map(name => [name, filter[name]?.toString()])
  return {
    scope: filter.scope === 'all' ? undefined : filter.scope,
    state: filter.state ?? undefined,
    period: filter.period ?? undefined,
    from: filter.from ?? undefined,
    to: filter.to ?? undefined,
    customer: filter.customer?.toString(),
    ...(Object.fromEntries([...lists, ...flags]) as Search),
    q: filter.q || undefined,
    sort: filter.sort === 'newest' ? undefined : filter.sort
  }
}

/** The days it is narrowed to now. */
export const daysOf = ({ period, from, to }: Pick<HistoryFilter, 'period' | 'from' | 'to'>, now = Date.now()): { from: string | null; to: string | null } =>
  period === null ? { from, to } : preset(period, now)

/** As the server keeps it in a view. Days become moments of this device's zone. */
export function chatFilter(filter: HistoryFilter): ChatFilter {
  const { from, to } = daysOf(filter)
  const given = Object.fromEntries([
    ...LIST_NAMES.filter(name => filter[name].length > 0).map(name => [LISTS[name], filter[name]]),
    ...FLAG_NAMES.filter(name => filter[name] !== null).map(name => [FLAGS[name], filter[name]])
  ]) as ChatFilter
  return {
    ...given,
    scope: filter.scope,
    ...(filter.state === null ? {} : { state: filter.state }),
    ...(filter.period === null ? {} : { period: filter.period }),
    ...(from === null ? {} : { from_at: midnight(from).toISOString() }),
    ...(to === null ? {} : { to_at: midnight(to, 1).toISOString() }),
    ...(filter.customer === null ? {} : { customer_id: filter.customer })
  }
}

/** As a request asks it: several values of one criterion are separated by commas. */
export function queryOf(filter: HistoryFilter): Query {
  return Object.fromEntries(Object.entries(chatFilter(filter)).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value])) as Query
}

/** The filter that a view keeps. */
export function filterOfView({ filter, q, sort }: Pick<ViewOut, 'filter' | 'q' | 'sort'>): HistoryFilter {
  const lists = Object.fromEntries(LIST_NAMES.map(name => [name, filter[LISTS[name]] ?? []]))
  const flags = Object.fromEntries(FLAG_NAMES.map(name => [name, filter[FLAGS[name]] ?? null]))
  return {
    ...UNFILTERED, ...lists, ...flags,
    scope: filter.scope ?? 'all',
    state: filter.state ?? null,
    period: filter.period ?? null,
    from: filter.from_at && !filter.period ? dayOf(new Date(filter.from_at)) : null,
    to: filter.to_at && !filter.period ? dayOf(new Date(Date.parse(filter.to_at) - 1)) : null,
    customer: filter.customer_id ?? null,
    q, sort
  }
}

/** How many criteria are in force, the words not counted. */
export function criteria(filter: HistoryFilter): number {
  const { period, from, to, customer, state } = filter
  const lists = LIST_NAMES.filter(name => filter[name].length > 0).length
  const flags = FLAG_NAMES.filter(name => filter[name] !== null).length
  return lists + flags + Number(period !== null || from !== null || to !== null) + Number(customer !== null) + Number(state !== null)
}

export const narrowed = (filter: HistoryFilter): boolean => filter.q !== '' || criteria(filter) > 0

/** Everything but whose chats, and how they are sorted. */
export const cleared = ({ scope, sort }: HistoryFilter): HistoryFilter => ({ ...UNFILTERED, scope, sort })

export const sameFilter = (a: HistoryFilter, b: HistoryFilter): boolean => JSON.stringify(searchOf(a)) === JSON.stringify(searchOf(b))

/** The filter without the tags and services that are gone for good. */
export function withoutGone(filter: HistoryFilter, gone: readonly Gone[]): HistoryFilter {
  const lost = (kind: Gone['kind']) => gone.filter(each => each.dropped && each.kind === kind).map(each => each.id)
  const [tags, services] = [lost('tag'), lost('service')]
  return { ...filter, tags: filter.tags.filter(id => !tags.includes(id)), services: filter.services.filter(id => !services.includes(id)) }
}

export const datesReversed = ({ period, from, to }: Pick<HistoryFilter, 'period' | 'from' | 'to'>): boolean => period === null && from !== null && to !== null && to < from

export const queryTooLong = (q: string): boolean => [...q].length > MOST_QUERY

export type Preset = NonNullable<ChatFilter['period']>
export const PRESETS: readonly Preset[] = ['today', 'yesterday', 'week', 'month', 'quarter']

/** The days of a stretch of time that ends now; a week is seven days, today among them. */
export function preset(which: Preset, now: number): { from: string; to: string } {
  const back = (days: number) => {
    const at = new Date(now)
    at.setDate(at.getDate() - days)
    return dayOf(at)
  }
  if (which === 'yesterday') return { from: back(1), to: back(1) }
  return { from: back({ today: 0, week: 6, month: 29, quarter: 89 }[which]), to: back(0) }
}

/** A day of this device's calendar, `YYYY-MM-DD`. */
export function dayOf(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** Where that day begins here, or a day so many later. */
export function midnight(text: string, later = 0): Date {
  const [year, month, date] = text.split('-').map(Number)
  return new Date(year!, month! - 1, date! + later)
}

function day(text: string | undefined): string | null {
  return text !== undefined && /^[12]\d{3}-\d\d-\d\d$/.test(text) && dayOf(midnight(text)) === text ? text : null
}

const flag = (text: string | undefined): boolean | null => (text === 'true' ? true : text === 'false' ? false : null)

function among<T extends string>(text: string | undefined, known: readonly T[]): T | null {
  return known.find(each => each === text) ?? null
}
