import { describe, expect, it } from 'vitest'
import type { EndReasonOut } from '#shared/wire.gen'
import { fromField, quickDues, toField } from '../../apps/console/rules/due'
import { BUILTIN, dueProblem, endBody, keyOf, noteProblem, offered, reasonForKey, suggested } from '../../apps/console/rules/ending'

const own = (code: string, over: Partial<EndReasonOut> = {}): EndReasonOut => ({
  code, label: code, hint: '', needs_note: false, promises: false, builtin: false, archived: false, ...over
})
const [resolved, , followUp, , other] = BUILTIN as [EndReasonOut, EndReasonOut, EndReasonOut, EndReasonOut, EndReasonOut]

describe('ending a chat', () => {
  it('offers the product’s five first, then the desk’s own, and none that was put away', () => {
    const all = offered([own('branch'), ...BUILTIN, own('old', { archived: true })])
    expect(all.map(each => each.code)).toEqual(['resolved', 'no_response', 'follow_up', 'time_waster', 'other', 'branch'])
    expect(['1', '5', '6'].map(key => reasonForKey(key, all)?.code)).toEqual(['resolved', 'other', 'branch'])
    expect(['0', '7', 'a', '12', ''].map(key => reasonForKey(key, all))).toEqual([null, null, null, null, null])
    expect([keyOf(0), keyOf(8), keyOf(9)]).toEqual(['1', '9', undefined])
  })

  it('asks for words only where the reason needs them, between 3 and 500 after trimming', () => {
    expect(noteProblem(resolved, '')).toBeNull()
    expect(noteProblem(other, '   ')).toBe('note_missing')
    expect(noteProblem(other, ' ab ')).toBe('note_short')
    expect(noteProblem(other, 'abc')).toBeNull()
    expect(noteProblem(other, 'x'.repeat(500))).toBeNull()
    expect(noteProblem(other, 'x'.repeat(501))).toBe('note_long')
    expect(noteProblem(own('branch', { needs_note: true }), 'no')).toBe('note_short')
  })

  it('counts people’s letters, not code units', () => {
    expect(noteProblem(other, '🙂🙂')).toBe('note_short')
    expect(noteProblem(other, '🙂🙂🙂')).toBeNull()
  })

  it('wants a moment that is still to come for a promise', () => {
    const now = Date.parse('2026-03-02T09:00:00Z')
    expect(dueProblem(null, now)).toBe('due_missing')
    expect(dueProblem(new Date(NaN), now)).toBe('due_missing')
    expect(dueProblem(new Date(now), now)).toBe('due_past')
    expect(dueProblem(new Date(now + 60_000), now)).toBeNull()
  })

  it('sends words and a promise only with the reason that asks for them', () => {
    const promise = { due_at: '2026-03-03T09:00:00.000Z', owner_id: 4 }
    expect(endBody(other, ' moved away ', promise)).toEqual({ reason: 'other', note: 'moved away' })
    expect(endBody(followUp, 'left over', promise)).toEqual({ reason: 'follow_up', promise })
    expect(endBody(resolved, 'left over', promise)).toEqual({ reason: 'resolved' })
  })

  it('suggests no response for somebody who never wrote after the pick', () => {
    expect(suggested(0)).toBe('no_response')
    expect(suggested(1)).toBe('resolved')
  })
})

describe('moments to promise', () => {
  const local = (text: string) => new Date(text).getTime()
  const chosen = (now: string) => quickDues(local(now)).map(each => toField(each.at))

  it('are two hours, tomorrow at nine and Friday at five', () => {
    expect(chosen('2026-03-02T10:20:00')).toEqual(['2026-03-02T12:20', '2026-03-03T09:00', '2026-03-06T17:00'])
    expect(chosen('2026-02-28T23:30:00')).toEqual(['2026-03-01T01:30', '2026-03-01T09:00', '2026-03-06T17:00'])
  })

  it('on a Friday are the same day until five, and the next week after it', () => {
    expect(chosen('2026-03-06T16:59:00')[2]).toBe('2026-03-06T17:00')
    expect(chosen('2026-03-06T17:00:00')[2]).toBe('2026-03-13T17:00')
  })

  it('go into a field and come out the same', () => {
    expect(toField(fromField('2026-03-06T07:05')!)).toBe('2026-03-06T07:05')
    expect(fromField('')).toBeNull()
  })
})
