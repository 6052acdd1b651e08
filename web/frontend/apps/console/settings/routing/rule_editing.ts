/** The list of routing rules while it is edited: what each part can be, what is wrong with it, and how it reads. */
import type { AttributeOut, ChoiceOut, Condition, RoutingOut, Rule } from '#shared/wire.gen'

/** A rule with a name of this page, so that it stays itself while it moves. */
export interface DraftRule {
  mark: string
  id: number | null
  name: string
  enabled: boolean
  conditions: DraftCondition[]
  team_id: number | null
  priority: number | null
}

export type DraftCondition = Required<Condition>
export type Field = Condition['field']
export type Test = Condition['test']

export const FIELDS: readonly Field[] = ['words', 'channel', 'asked_team', 'service', 'attribute', 'language']

/** Words are looked for; everything else is or is not. */
export const testsOf = (field: Field): readonly Test[] => (field === 'words' ? ['any_word', 'no_word'] : ['is', 'is_not'])

export const MOST_CONDITIONS = 10
export const MOST_RULES = 100
export const PRIORITIES = [0, 1, 2] as const

let marks = 0
export const newMark = (): string => `rule-${++marks}`

export function draftOf(rule: Rule): DraftRule {
  return {
    mark: rule.id ? `saved-${rule.id}` : newMark(),
    id: rule.id ?? null,
    name: rule.name,
    enabled: rule.enabled ?? true,
    conditions: rule.conditions.map(condition => ({ ...condition, key: condition.key ?? '' })),
    team_id: rule.team_id ?? null,
    priority: rule.priority ?? null
  }
}

export const asRule = ({ mark: _mark, ...rule }: DraftRule): Rule => ({ ...rule, name: rule.name.trim() })

export const newRule = (name: string): DraftRule => ({
  mark: newMark(), id: null, name, enabled: true, conditions: [newCondition()], team_id: null, priority: null
})

export const newCondition = (field: Field = 'words'): DraftCondition => ({ field, test: testsOf(field)[0]!, key: '', values: [] })

/** Another field asks for another test and other values. */
export function withField(condition: DraftCondition, field: Field): DraftCondition {
  return field === condition.field ? condition : newCondition(field)
}

/** The list with one rule elsewhere; unchanged where that is no place. */
export function moved<T>(rules: readonly T[], from: number, to: number): T[] {
  if (from === to || from < 0 || to < 0 || from >= rules.length || to >= rules.length) return [...rules]
  const rest = rules.filter((_, i) => i !== from)
  return [...rest.slice(0, to), rules[from]!, ...rest.slice(to)]
}

/** Words written with commas between them; each once. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.split(/[,\n]/).map(word => word.trim().replace(/\s+/g, ' ')).filter(word => word !== ''))]
}

export type RuleProblem = 'name_missing' | 'values_missing' | 'key_missing' | 'nothing_done' | 'team_gone'

/** What must be mended before a rule can be saved, or null. */
export function ruleProblem(rule: DraftRule, teams: readonly ChoiceOut[]): RuleProblem | null {
  if (rule.name.trim() === '') return 'name_missing'
  if (rule.conditions.some(({ field, key }) => field === 'attribute' && key === '')) return 'key_missing'
  if (rule.conditions.some(({ values }) => values.length === 0)) return 'values_missing'
  if (rule.team_id !== null && !teams.some(team => team.id === rule.team_id)) return 'team_gone'
  return rule.team_id === null && rule.priority === null ? 'nothing_done' : null
}

export interface Choices extends Pick<RoutingOut, 'channels' | 'teams' | 'services'> {
  attributes: readonly AttributeOut[]
}

/** What a condition may be compared with, where that is a list; null where it is written. */
export function choicesFor({ field, key }: Pick<DraftCondition, 'field' | 'key'>, all: Choices): { value: string; label: string }[] | null {
  const named = (items: readonly ChoiceOut[]) => items.map(({ id, name }) => ({ value: String(id), label: name }))
  switch (field) {
    case 'channel':
      return named(all.channels)
    case 'asked_team':
      return named(all.teams)
    case 'service':
      return named(all.services)
    case 'attribute': {
      const attribute = all.attributes.find(each => each.key === key)
      return attribute?.type === 'choice' ? attribute.choices.map(value => ({ value, label: value })) : null
    }
    default:
      return null
  }
}

/** The attributes that any of these rules asks about: those a sample must be able to have. */
export function askedAttributes(rules: readonly DraftRule[]): string[] {
  const keys = rules.flatMap(rule => rule.conditions.filter(each => each.field === 'attribute').map(each => each.key))
  return [...new Set(keys)].filter(key => key !== '')
}

/** A sample's attribute as the desk stores its type; null where nothing usable was written. */
export function attributeValue(type: AttributeOut['type'], written: string): string | number | boolean | null {
  if (written.trim() === '') return null
  if (type === 'flag') return written === 'true'
  if (type === 'number') return Number.isFinite(Number(written)) ? Number(written) : null
  return written.trim()
}
