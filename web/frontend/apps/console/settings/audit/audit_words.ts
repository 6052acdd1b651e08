/** What was changed, as a sentence and as before and after: numbers become names, seconds become times. */
import { spell } from '#shared/durations'
import { t as forms, type FormKey } from '#shared/kit/forms/words'
import { HUES } from '#shared/kit/hue'
import type { Values } from '#shared/i18n'
import type { AuditOut, Condition, OpeningHours } from '#shared/wire.gen'
import { has, locale, t } from '../words'

/** The kinds of things that are changed, as the filter offers them. */
export const TARGETS = [
  'desk', 'model', 'team', 'agent', 'routing', 'end_reason', 'tag', 'attribute', 'canned', 'api_key', 'webhook', 'customer', 'chat', 'message'
] as const
export type Target = (typeof TARGETS)[number]

/** Fields whose values have words of their own. */
const NAMED: Readonly<Record<string, string>> = { assign_policy: 'policy', role: 'role', type: 'type', scope: 'scope' }

/** Fields that hold a moment. */
const MOMENTS = new Set(['until'])

/** The catalogue's words for what the audit calls by a code, where it has any. */
function called(key: string, values: Values = {}): string | null {
  return has(key) ? t(key, values) : null
}

/** "changed the team Payments" */
export function headline({ what, target, target_name }: Pick<AuditOut, 'what' | 'target' | 'target_name'>): string {
  const kind = called(`target_one.${target}`) ?? target.replaceAll('_', ' ')
  const thing = target === 'desk' || target === 'routing' || target_name === '' ? kind : `${kind} ${target_name}`
  return called(`what.${what}`, { thing }) ?? `${what.replaceAll('_', ' ')}: ${thing}`
}

export interface Difference {
  name: string
  /** Null where there was nothing to compare with. */
  before: string | null
  after: string | null
}

export interface Names {
  agent: (id: number) => string | undefined
  team: (id: number) => string | undefined
}

export function differences({ before, after }: Pick<AuditOut, 'before' | 'after'>, names: Names): Difference[] {
  // Of something new, what it does not have says nothing.
  const told = (field: string) => before !== null || !isNothing(after?.[field])
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(told)
  return fields.flatMap(field => field === 'rules' ? ruleDifferences(rulesIn(before), rulesIn(after), names) : [{
    name: called(`field.${field}`) ?? field.replace(/_s$/, '').replaceAll('_', ' '),
    before: before && field in before ? inWords(field, before[field], names) : null,
    after: after && field in after ? inWords(field, after[field], names) : null
  }])
}

interface RuleFacts {
  name: string
  enabled: boolean
  conditions: Condition[]
  team_id: number | null
  priority: number | null
}

const rulesIn = (side: AuditOut['before']): RuleFacts[] => (side?.['rules'] ?? []) as RuleFacts[]

/** Only the rules that are not as they were, and the order where that is another. */
function ruleDifferences(before: RuleFacts[], after: RuleFacts[], names: Names): Difference[] {
  const all = [...new Set([...after, ...before].map(rule => rule.name))]
  const find = (rules: RuleFacts[], name: string) => {
    const found = rules.find(rule => rule.name === name)
    return found ? ruleSaid(found, names) : null
  }
  const changed = all
    .map(name => ({ name, before: find(before, name), after: find(after, name) }))
    .filter(each => each.before !== each.after)
  const kept = (rules: RuleFacts[], others: RuleFacts[]) => rules.map(rule => rule.name).filter(name => others.some(rule => rule.name === name))
  const [was, is] = [kept(before, after).join(', '), kept(after, before).join(', ')]
  return was === is ? changed : [...changed, { name: t('field.order'), before: was, after: is }]
}

function ruleSaid({ enabled, conditions, team_id, priority }: RuleFacts, names: Names): string {
  const when = conditions.map(({ field, key, test, values }) => t(`routing.says_${test}`, { name: key || t(`routing.field_${field}`), list: values.join(', ') }))
  const outcome = [team_id === null ? '' : t('routing.to_team', { team: names.team(team_id) ?? `#${team_id}` }), priority === null ? '' : t(`priority.${priority as 0 | 1 | 2}`)]
  return [enabled ? '' : t('off'), ...when, ...outcome].filter(Boolean).join('; ') || t('routing.always')
}

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0)

function inWords(field: string, value: unknown, names: Names): string {
  if (value === null || value === undefined || value === '') return t(field.endsWith('_s') || field === 'hours' || field === 'own_limit' ? 'audit.unset' : 'audit.empty_value')
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
  if (typeof value === 'number') {
    if (field === 'hue') return HUES.includes(value) ? forms(`hue.${value}` as FormKey) : `${value}°`
    if (field.endsWith('_s')) return spell(value, locale)
    if (field === 'team_id') return names.team(value) ?? `#${value}`
    if (field.endsWith('_id')) return names.agent(value) ?? `#${value}`
    return new Intl.NumberFormat(locale).format(value)
  }
  if (typeof value === 'string' && MOMENTS.has(field)) return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(value))
  if (typeof value === 'string') return called(`${NAMED[field] ?? ''}.${value}`) ?? value
  if (field === 'member_ids' || field === 'team_ids') return listed((value as number[]).map(id => (field === 'team_ids' ? names.team(id) : names.agent(id)) ?? `#${id}`))
  if (field === 'hours') return hoursInWords(value as OpeningHours)
  if (Array.isArray(value)) return listed(value.map(each => nameOf(each)))
  return nameOf(value)
}

const listed = (words: string[]): string =>
  words.length === 0 ? t('audit.empty_value') : new Intl.ListFormat(locale, { type: 'conjunction' }).format(words)

/** The name of a thing, or all it says of itself. */
function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if ('name' in value && typeof value.name === 'string') return value.name
  if (Object.keys(value).length === 0) return t('audit.empty_value')
  return Object.entries(value).map(([key, each]) => `${key.replaceAll('_', ' ')}: ${nameOf(each)}`).join(', ')
}

/** "Monday 09:00 to 17:00, …, Europe/London" */
function hoursInWords({ time_zone, week, holidays = [] }: OpeningHours): string {
  const dayName = (day: number) => new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + day))
  const days = week
    .filter(({ hours }) => hours.length > 0)
    .map(({ day, hours }) => `${dayName(day)} ${hours.map(({ opens, closes }) => `${opens}–${closes}`).join(', ')}`)
  const closed = holidays.length > 0 ? [t('audit.holidays', { count: holidays.length })] : []
  return [...days, ...closed, time_zone].join('; ')
}
