import { describe, expect, it } from 'vitest'
import { fill, nextGap, search, slashQuery, variablesOf } from '../../apps/console/rules/canned'
import { match, rank } from '../../apps/console/rules/fuzzy'
import { at, canned, chat, START } from './fixtures'

describe('canned messages', () => {
  it('are searched by one word after a leading slash', () => {
    expect(slashQuery('/')).toBe('')
    expect(slashQuery('/rec')).toBe('rec')
    expect(slashQuery('/rec all')).toBeNull()
    expect(slashQuery('see /rec')).toBeNull()
  })

  it('come by shortcut first, then by title', () => {
    expect(search('', canned).map(hit => hit.item.shortcut)).toEqual(['hello', 'recall', 'receipt'])
    expect(search('rec', canned).map(hit => hit.item.shortcut)).toEqual(['recall', 'receipt'])
    expect(search('greet', canned).map(hit => hit.item.shortcut)).toEqual(['hello'])
    expect(search('zzz', canned)).toEqual([])
  })

  it('say where the shortcut matched', () => {
    expect(search('rpt', canned)[0]).toMatchObject({ item: { shortcut: 'receipt' }, ranges: [[0, 1], [5, 7]] })
  })

  it('say where the title matched when the shortcut did not', () => {
    expect(search('greet', canned)[0]).toMatchObject({ item: { shortcut: 'hello' }, ranges: [], titleRanges: [[0, 5]] })
  })

  it('stand by how often they are used, until something is typed', () => {
    const used = canned.map(each => ({ ...each, uses: each.shortcut === 'receipt' ? 9 : 0 }))
    expect(search('', used).map(hit => hit.item.shortcut)).toEqual(['receipt', 'hello', 'recall'])
    expect(search('rec', used).map(hit => hit.item.shortcut)[0]).toBe('recall')
  })

  it('know everything the desk’s list of variables names', () => {
    const around = { chat: chat({ id: 7 }), email: 'ada@mail.example', agentName: 'Maya Lindholm', deskName: 'Northbank', now: START, locale: 'en' }
    expect(variablesOf(around)).toMatchObject({
      'customer.name': 'Adaeze Okonkwo', 'customer.first_name': 'Adaeze', 'customer.email': 'ada@mail.example',
      'agent.name': 'Maya Lindholm', 'agent.first_name': 'Maya', 'chat.id': '7', 'chat.team': 'Payments', 'desk.name': 'Northbank',
      'date.today': 'March 2, 2026', 'date.tomorrow': 'March 3, 2026'
    })
    expect(variablesOf(around)['date.time']).toMatch(/^\d\d:\d\d$/)
    const nameless = chat({ customer: { ...chat().customer, name: 'Visitor 48213' }, team: null, queued_at: at(0) })
    expect(variablesOf({ ...around, chat: nameless, email: null })).toMatchObject({ 'customer.name': null, 'customer.first_name': null, 'customer.email': null, 'chat.team': null })
  })

  it('fill what is known and leave the rest to be typed over', () => {
    const filled = fill('Hi {{customer.name}}, case {{ case_id }} on {{date}}.', { 'customer.name': 'Adaeze', date: '2 March' })
    expect(filled.text).toBe('Hi Adaeze, case {{ case_id }} on 2 March.')
    expect(filled.text.slice(...filled.gap!)).toBe('{{ case_id }}')
    expect(nextGap(filled.text, filled.gap![1])).toBeNull()
  })

  it('treat an empty value as unknown, and never read a value as a pattern', () => {
    expect(fill('Hi {{customer.name}}', { 'customer.name': ' ' }).gap).toEqual([3, 20])
    expect(fill('Pay {{a}}', { a: '$& $1' }).text).toBe('Pay $& $1')
  })
})

describe('loose matching', () => {
  it('wants every letter, in order, and does not mind accents or case', () => {
    expect(match('zie', 'Zieliński')).not.toBeNull()
    expect(match('zielinski', 'Piotr Zieliński')).not.toBeNull()
    expect(match('oa', 'ao')).toBeNull()
  })

  it('prefers the beginning of words', () => {
    expect(rank('hi', ['Graphics', 'History', 'Go to history'], text => text)).toEqual(['History', 'Go to history', 'Graphics'])
  })
})
