/** What the history can be narrowed by, as its chips know it: what each is called, what can be chosen, what is chosen now. */
import type { ChoiceOut, EndReasonOut, TagUse } from '#shared/wire.gen'
import { locale, t } from '../i18n'
import { CAUSES, midnight, type FlagCriterion, type HistoryFilter, type ListCriterion } from '../rules/history_filter'
import { reasonLabel } from '../rules/reasons.svelte'
import type { Choice } from './ChoiceList.svelte'

interface Common {
  label: string
  /** Shown though it is not in force. */
  usual?: boolean
  /** The part of a filter that takes it away. */
  none: Partial<HistoryFilter>
}

export type Criterion = Common & (
  | { kind: 'dates'; id: 'dates' }
  | { kind: 'list'; id: ListCriterion; options: readonly Choice[]; of: (values: string[]) => Partial<HistoryFilter> }
  | { kind: 'one'; id: 'state'; options: readonly { value: 'ended' | 'open' | 'any'; label: string }[] }
  | { kind: 'flag'; id: FlagCriterion; yes: string; no: string }
  | { kind: 'customer'; id: 'customer'; name: string | null }
)

/** What the desk knows by name. */
export interface Known {
  agents: readonly { id: number; name: string }[]
  teams: readonly { id: number; name: string }[]
  tags: readonly TagUse[]
  reasons: readonly EndReasonOut[]
  channels: readonly ChoiceOut[]
  services: readonly ChoiceOut[]
  /** Who the filter's customer is, once one of their chats is here. */
  customer: string | null
}

export function criteriaOf(known: Known): Criterion[] {
  const ids = (id: 'agents' | 'teams' | 'channels' | 'tags' | 'services', label: string, items: readonly { id: number; name: string }[], usual = false): Criterion => ({
    kind: 'list', id, label, usual, none: { [id]: [] }, of: values => ({ [id]: values.map(Number) }),
    options: items.map(each => ({ value: String(each.id), label: each.name })).toSorted((a, b) => a.label.localeCompare(b.label, locale))
  })
  const codes = (id: 'reasons' | 'causes', label: string, options: readonly Choice[], usual = false): Criterion => ({
    kind: 'list', id, label, usual, options, none: { [id]: [] }, of: values => ({ [id]: values })
  })
  const flag = (id: FlagCriterion, label: string, yes: string, no: string): Criterion => ({ kind: 'flag', id, label, yes, no, none: { [id]: null } })
  const stars = [5, 4, 3, 2, 1].map(count => ({ value: String(count), label: t('history.stars', { count }) }))
  return [
    { kind: 'customer', id: 'customer', label: t('history.customer'), name: known.customer, none: { customer: null } },
    { kind: 'dates', id: 'dates', label: t('history.dates'), usual: true, none: { period: null, from: null, to: null } },
    ids('agents', t('history.agent'), known.agents, true),
    codes('reasons', t('history.reason'), known.reasons.map(each => ({ value: each.code, label: reasonLabel(each.code) })), true),
    ids('tags', t('history.tags'), known.tags, true),
    ids('teams', t('history.team'), known.teams),
    ids('channels', t('history.channel'), known.channels),
    { kind: 'list', id: 'ratings', label: t('history.rating'), options: stars, none: { ratings: [] }, of: values => ({ ratings: values.map(Number) }) },
    codes('causes', t('history.cause'), CAUSES.map(value => ({ value, label: t(`cause.${value}`) }))),
    ids('services', t('history.service'), known.services),
    {
      kind: 'one', id: 'state', label: t('history.state'), none: { state: null },
      options: (['ended', 'open', 'any'] as const).map(value => ({ value, label: t(`history.state_${value}`) }))
    },
    flag('media', t('history.media'), t('history.media_yes'), t('history.media_no')),
    flag('escalated', t('history.escalated'), t('history.escalated_yes'), t('history.escalated_no')),
    flag('botOnly', t('history.bot_only'), t('history.bot_only_yes'), t('history.bot_only_no'))
  ]
}

export const listOf = (id: ListCriterion, filter: HistoryFilter): string[] => filter[id].map(String)
export const flagOf = (id: FlagCriterion, filter: HistoryFilter): boolean | null => filter[id]

/** What its chip says, or null while it narrows nothing. */
export function chipText(criterion: Criterion, filter: HistoryFilter): string | null {
  switch (criterion.kind) {
    case 'dates':
      return filter.period === null ? datesText(filter.from, filter.to) : t(`history.preset_${filter.period}`)
    case 'list': {
      const [first, ...others] = listOf(criterion.id, filter)
      if (first === undefined) return null
      if (others.length > 0) return t('history.chip_many', { name: criterion.label, count: others.length + 1 })
      return criterion.options.find(each => each.value === first)?.label ?? t('history.chip_unknown', { name: criterion.label, id: first })
    }
    case 'one':
      return criterion.options.find(each => each.value === filter.state)?.label ?? null
    case 'flag': {
      const value = filter[criterion.id]
      return value === null ? null : value ? criterion.yes : criterion.no
    }
    case 'customer':
      return filter.customer === null ? null : (criterion.name ?? t('history.chip_unknown', { name: criterion.label, id: String(filter.customer) }))
  }
}

/** "14 Nov", "1 – 14 Nov 2026", "Since 1 Nov 2026", "Until 14 Nov 2026"; as they are typed while they are reversed. */
function datesText(from: string | null, to: string | null): string | null {
  const short = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' })
  if (from === null && to === null) return null
  if (to === null) return t('history.since_day', { day: short.format(midnight(from!)) })
  if (from === null) return t('history.until_day', { day: short.format(midnight(to)) })
  return from <= to ? short.formatRange(midnight(from), midnight(to)) : `${short.format(midnight(from))} – ${short.format(midnight(to))}`
}
