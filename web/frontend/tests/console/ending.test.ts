import { describe, expect, it } from 'vitest'
import { endBody, problem, reasonForKey, REASONS, suggested } from '../../apps/console/rules/ending'

describe('ending a chat', () => {
  it('has five reasons on the keys 1 to 5', () => {
    expect(['1', '2', '3', '4', '5'].map(reasonForKey)).toEqual([...REASONS])
    expect(['0', '6', 'a', '12', ''].map(reasonForKey)).toEqual([null, null, null, null, null])
  })

  it('asks for words only for Others, between 3 and 500 after trimming', () => {
    expect(problem('resolved', '')).toBeNull()
    expect(problem('other', '   ')).toBe('note_missing')
    expect(problem('other', ' ab ')).toBe('note_short')
    expect(problem('other', 'abc')).toBeNull()
    expect(problem('other', 'x'.repeat(500))).toBeNull()
    expect(problem('other', 'x'.repeat(501))).toBe('note_long')
  })

  it('counts people’s letters, not code units', () => {
    expect(problem('other', '🙂🙂')).toBe('note_short')
    expect(problem('other', '🙂🙂🙂')).toBeNull()
  })

  it('sends the words with Others alone', () => {
    expect(endBody('other', ' moved away ')).toEqual({ reason: 'other', note: 'moved away' })
    expect(endBody('resolved', 'left over')).toEqual({ reason: 'resolved' })
  })

  it('suggests no response for somebody who never wrote after the pick', () => {
    expect(suggested(0)).toBe('no_response')
    expect(suggested(1)).toBe('resolved')
  })
})
