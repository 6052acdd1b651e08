import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { parse, spell } from '#shared/durations'

describe('a length of time', () => {
  it.each([
    [0, '0 sec'], [45, '45 sec'], [60, '1 min'], [150, '2 min 30 sec'], [3_600, '1 hr'], [5_400, '1 hr 30 min'], [86_400, '1 day'], [90_061, '1 day 1 hr 1 min 1 sec']
  ])('%d is %s', (seconds, text) => expect(spell(seconds)).toBe(text))

  it.each([
    ['2 min', 120], ['2min 30s', 150], ['2 minutes and 30 seconds', 150], ['90 s', 90], ['1:30', 90], ['1:02:03', 3_723], ['1.5 h', 5_400], ['1,5 hr', 5_400],
    ['3', 180], ['2 d', 172_800], ['1 day 2 hours', 93_600], ['10 Min.', 600]
  ])('%s is %d seconds', (text, seconds) => expect(parse(text)).toBe(seconds))

  it('takes a bare number in the unit that is asked for', () => {
    expect(parse('45', 'second')).toBe(45)
    expect(parse('2', 'hour')).toBe(7_200)
  })

  it.each(['', 'soon', 'min', '5 parsecs', '2 min or so', '1:75', '-5', '5 min -3'])('makes nothing of %j', text => expect(parse(text)).toBeNull())

  it('reads back whatever it has spelled', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 6_000_000 }), seconds => parse(spell(seconds)) === seconds))
    for (const seconds of [59, 3_661, 100_000]) expect(parse(spell(seconds, 'de'), 'minute', 'de')).toBe(seconds)
  })
})
