import { describe, expect, it } from 'vitest'
import type { TeamOut } from '#shared/wire.gen'
import { mentionable, mentionQuery, mentionsIn, searchMentions, spans, type Mentionable } from '../../apps/console/rules/mentions'
import { agent, chat } from './fixtures'

const who = (id: number, name: string, kind: 'agent' | 'team' = 'agent'): Mentionable => ({ kind, id, name, hue: 0, status: kind === 'agent' ? 'online' : null })
const team = (id: number, name: string): TeamOut => ({
  id, name, hue: 0, auto_assign: true, open: true, opens_at: null, alarm_wait_s: 0, waiting: 0, online: 0, oldest_waiting_at: null
})

describe('a name being typed', () => {
  it('begins with an @ at the start of a word, and may have a space', () => {
    expect(mentionQuery('@', 1)).toEqual({ from: 0, query: '' })
    expect(mentionQuery('ask @fem', 8)).toEqual({ from: 4, query: 'fem' })
    expect(mentionQuery('ask @Femi Ad', 12)).toEqual({ from: 4, query: 'Femi Ad' })
    expect(mentionQuery('(@zoë', 5)).toEqual({ from: 1, query: 'zoë' })
  })

  it('is not an address, and ends where two more words were written', () => {
    expect(mentionQuery('mail ada@bank', 13)).toBeNull()
    expect(mentionQuery('@Femi can you look', 18)).toBeNull()
    expect(mentionQuery('@fem and', 4)).toEqual({ from: 0, query: 'fem' })
    expect(mentionQuery('no names', 8)).toBeNull()
  })
})

describe('who can be named', () => {
  const maya = agent({ id: 1, name: 'Maya' })
  const femi = agent({ id: 2, name: 'Femi', team_ids: [1] })
  const ana = agent({ id: 3, name: 'Ana', team_ids: [2] })
  const sol = agent({ id: 4, name: 'Sol', role: 'supervisor', team_ids: [], status: 'offline' })

  it('is everybody who can open the chat, but oneself', () => {
    const found = mentionable(chat(), [maya, femi, ana, sol], [team(1, 'Payments'), team(2, 'Cards')], 1)
    expect(found.map(each => each.name)).toEqual(['Femi', 'Sol', 'Payments'])
  })

  it('is everybody for a chat that no team has, and its owner always', () => {
    expect(mentionable(chat({ team: null }), [maya, femi, ana], [], 1).map(each => each.name)).toEqual(['Ana', 'Femi'])
    const owned = chat({ owner: { id: 3, name: 'Ana', hue: 0 } })
    expect(mentionable(owned, [maya, ana], [], 1).map(each => each.name)).toEqual(['Ana'])
  })

  it('is found by a few of their letters', () => {
    const hits = searchMentions('fa', [who(1, 'Ana Duarte'), who(2, 'Femi Adebayo')])
    expect(hits.map(hit => hit.item.name)).toEqual(['Femi Adebayo'])
    expect(hits[0]!.ranges).toEqual([[0, 1], [5, 6]])
  })
})

describe('a finished note', () => {
  const known = [who(1, 'Femi'), who(2, 'Femi Adebayo'), who(3, 'Cards', 'team')]

  it('names by the longest name that fits, each once', () => {
    expect(mentionsIn('@Femi Adebayo and @Cards, @Femi Adebayo?', known)).toEqual([
      { kind: 'agent', id: 2, name: 'Femi Adebayo' }, { kind: 'team', id: 3, name: 'Cards' }
    ])
    expect(mentionsIn('@Femi can you', known)).toEqual([{ kind: 'agent', id: 1, name: 'Femi' }])
  })

  it('names nobody by half a word or an address', () => {
    expect(mentionsIn('@Femina, ada@Cards, Femi', known)).toEqual([])
  })

  it('names the one chosen where two are called the same', () => {
    const twins = [who(1, 'Ana'), who(2, 'Ana')]
    expect(mentionsIn('@Ana', twins).map(each => each.id)).toEqual([1])
    expect(mentionsIn('@Ana', twins, [{ kind: 'agent', id: 2, name: 'Ana' }]).map(each => each.id)).toEqual([2])
  })

  it('is cut where it names somebody, and nowhere else', () => {
    const mentions = [{ kind: 'agent' as const, id: 2, name: 'Femi Adebayo' }]
    expect(spans('Hi @Femi Adebayo!', mentions).map(each => [each.text, each.mention?.id])).toEqual([['Hi ', undefined], ['@Femi Adebayo', 2], ['!', undefined]])
    expect(spans('@Femi', mentions)).toEqual([{ text: '@Femi', mention: null }])
    expect(spans('', [])).toEqual([{ text: '', mention: null }])
  })
})
