import { describe, expect, it } from 'vitest'
import {
  askedAttributes, asRule, attributeValue, choicesFor, draftOf, moved, newRule, ruleProblem, testsOf, withField, wordsOf, type Choices, type DraftRule
} from '../../apps/console/settings/routing/rule_editing'
import { ruleInWords } from '../../apps/console/settings/routing/rule_words'

const all: Choices = {
  channels: [{ id: 1, name: 'Website' }], teams: [{ id: 1, name: 'Payments' }, { id: 2, name: 'Cards' }], services: [{ id: 5, name: 'Refunds' }],
  attributes: [
    { id: 1, key: 'plan', label: 'Plan', type: 'choice', choices: ['gold', 'silver'], archived: false },
    { id: 2, key: 'trade', label: 'Trade customer', type: 'flag', choices: [], archived: false }
  ]
}
const rule = (over: Partial<DraftRule> = {}): DraftRule => ({
  ...newRule('Refunds'), conditions: [{ field: 'words', test: 'any_word', key: '', values: ['refund'] }], team_id: 1, ...over
})

describe('moving rules', () => {
  it('takes one out and puts it in elsewhere', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b'])
  })

  it('leaves the list alone where there is no such place', () => {
    for (const [from, to] of [[0, -1], [0, 3], [3, 0], [1, 1]] as const) expect(moved(['a', 'b', 'c'], from, to)).toEqual(['a', 'b', 'c'])
  })
})

describe('editing a rule', () => {
  it('keeps ids, and sends none of the page’s own marks', () => {
    const draft = draftOf({ id: 7, name: 'A', conditions: [{ field: 'words', test: 'any_word', values: ['x'] }] })
    expect(draft).toMatchObject({ mark: 'saved-7', enabled: true, team_id: null, priority: null })
    expect(asRule({ ...draft, name: ' A ' })).toEqual({
      id: 7, name: 'A', enabled: true, conditions: [{ field: 'words', test: 'any_word', key: '', values: ['x'] }], team_id: null, priority: null
    })
    expect(newRule('x').mark).not.toBe(newRule('x').mark)
  })

  it('begins anew with another field', () => {
    const words = { field: 'words', test: 'no_word', key: '', values: ['refund'] } as const
    expect(withField({ ...words, values: [...words.values] }, 'channel')).toEqual({ field: 'channel', test: 'is', key: '', values: [] })
    expect(withField({ ...words, values: [...words.values] }, 'words').values).toEqual(['refund'])
    expect(testsOf('language')).toEqual(['is', 'is_not'])
  })

  it('reads words between commas, each once', () => {
    expect(wordsOf(' refund, money  back,,refund\ncard ')).toEqual(['refund', 'money back', 'card'])
  })

  it.each([
    ['name_missing', rule({ name: ' ' })],
    ['values_missing', rule({ conditions: [{ field: 'channel', test: 'is', key: '', values: [] }] })],
    ['key_missing', rule({ conditions: [{ field: 'attribute', test: 'is', key: '', values: ['x'] }] })],
    ['team_gone', rule({ team_id: 99 })],
    ['nothing_done', rule({ team_id: null })],
    [null, rule()],
    [null, rule({ team_id: null, priority: 0, conditions: [] })]
  ] as const)('%s', (problem, draft) => expect(ruleProblem(draft, all.teams)).toBe(problem))

  it('offers what a condition may be compared with', () => {
    expect(choicesFor({ field: 'asked_team', key: '' }, all)).toEqual([{ value: '1', label: 'Payments' }, { value: '2', label: 'Cards' }])
    expect(choicesFor({ field: 'attribute', key: 'plan' }, all)).toEqual([{ value: 'gold', label: 'gold' }, { value: 'silver', label: 'silver' }])
    expect(choicesFor({ field: 'attribute', key: 'trade' }, all)).toBeNull()
    expect(choicesFor({ field: 'words', key: '' }, all)).toBeNull()
  })
})

describe('a sample', () => {
  it('has the attributes that rules ask for, in their types', () => {
    const asking = rule({ conditions: [{ field: 'attribute', test: 'is', key: 'plan', values: ['gold'] }, { field: 'attribute', test: 'is', key: 'plan', values: ['silver'] }] })
    expect(askedAttributes([asking, rule()])).toEqual(['plan'])
    expect([attributeValue('flag', 'true'), attributeValue('flag', 'false'), attributeValue('number', '3'), attributeValue('number', 'x'), attributeValue('text', ' ')])
      .toEqual([true, false, 3, null, null])
  })
})

describe('a rule in words', () => {
  it('says when and what', () => {
    const draft = rule({
      conditions: [{ field: 'words', test: 'any_word', key: '', values: ['refund', 'money'] }, { field: 'attribute', test: 'is', key: 'trade', values: ['true'] }], priority: 1
    })
    expect(ruleInWords(draft, all)).toEqual({ when: 'words contain “refund” or “money” and Trade customer is Yes', outcome: 'to Payments, High priority' })
  })

  it('says when nothing is asked, and when something is gone', () => {
    expect(ruleInWords(rule({ conditions: [], team_id: 99 }), all)).toEqual({ when: 'Every inquiry', outcome: 'to a team that is gone' })
    expect(ruleInWords(rule({ conditions: [{ field: 'channel', test: 'is_not', key: '', values: ['8'] }] }), all).when).toBe('Channel is not something that is gone')
  })
})
