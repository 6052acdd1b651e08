import { describe, expect, it } from 'vitest'
import { clock, dayLabel, duration, relative, secondsSince, shortMoment } from '#shared/time'

const now = new Date(2026, 10, 14, 16, 2).getTime()
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString()

describe('time', () => {
  it('runs as a clock', () => {
    expect([0, 41, 372, 3800].map(clock)).toEqual(['0:00', '0:41', '6:12', '1:03:20'])
  })

  it('says how long in the largest unit', () => {
    expect([41, 372, 7300].map(seconds => duration(seconds))).toEqual(['41 sec', '6 min', '2 hr'])
  })

  it('says how long ago', () => {
    expect([20, 372, 7300].map(seconds => relative(ago(seconds), now))).toEqual(['now', '6 min. ago', '2 hr. ago'])
  })

  it('names days', () => {
    expect([0, 86_400, 864_000].map(seconds => dayLabel(ago(seconds), now))).toEqual(['Today', 'Yesterday', 'November 4, 2026'])
  })

  it('tells when in the shortest way', () => {
    expect(shortMoment(ago(60), now, 'en-GB')).toBe('16:01')
    expect(shortMoment(ago(2 * 86_400), now, 'en-GB')).toBe('Thu')
    expect(shortMoment(ago(30 * 86_400), now, 'en-GB')).toBe('15 Oct')
  })

  it('never waits less than nothing, whatever the other clock says', () => {
    expect(secondsSince(ago(-30), now)).toBe(0)
  })
})
