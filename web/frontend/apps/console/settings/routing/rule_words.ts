/** A rule as a sentence. */
import { locale, t } from '../words'
import { choicesFor, type Choices, type DraftCondition, type DraftRule } from './rule_editing'

export function conditionInWords(condition: DraftCondition, all: Choices): string {
  const { field, test, key, values } = condition
  const choices = choicesFor(condition, all)
  const attribute = field === 'attribute' ? all.attributes.find(each => each.key === key) : undefined
  const name = field === 'attribute' ? (attribute?.label ?? (key || t('routing.some_attribute'))) : t(`routing.field_${field}`)
  const shown = values.map(value => {
    if (attribute?.type === 'flag') return t(value === 'true' ? 'yes' : 'no')
    if (field === 'language') return languageName(value)
    if (field === 'words') return t('routing.quoted', { word: value })
    return choices ? (choices.find(each => each.value === value)?.label ?? t('routing.gone_value')) : value
  })
  const list = shown.length === 0 ? '…' : new Intl.ListFormat(locale, { type: 'disjunction' }).format(shown)
  return t(`routing.says_${test}`, { name, list })
}

export function ruleInWords(rule: DraftRule, all: Choices): { when: string; outcome: string } {
  const when = rule.conditions.length === 0
    ? t('routing.always')
    : new Intl.ListFormat(locale, { type: 'conjunction' }).format(rule.conditions.map(each => conditionInWords(each, all)))
  const team = rule.team_id === null ? null : (all.teams.find(each => each.id === rule.team_id)?.name ?? t('routing.gone_team'))
  const priority = rule.priority === null ? null : t(`priority.${rule.priority as 0 | 1 | 2}`)
  const outcome = [team && t('routing.to_team', { team }), priority && t('routing.with_priority', { priority })].filter(Boolean).join(', ')
  return { when, outcome: outcome || t('routing.nothing') }
}

export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'language' }).of(tag) ?? tag
  } catch {
    return tag
  }
}
