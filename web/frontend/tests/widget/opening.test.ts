import { beforeEach, describe, expect, it, vi } from 'vitest'
import { opensInWords, watchOpening } from '../../apps/widget/opening'

const at = (moment: string) => Date.parse(moment)

describe('when the desk opens', () => {
  const MONDAY_NINE_IN_BERLIN = '2026-11-23T08:00:00Z'

  it.each([
    ['the same day', '2026-11-23T05:00:00Z', 'Europe/Berlin', 'today at 9:00'],
    ['the evening before', '2026-11-22T20:00:00Z', 'Europe/Berlin', 'tomorrow at 9:00'],
    ['the Friday before', '2026-11-20T17:00:00Z', 'Europe/Berlin', 'Monday at 9:00'],
    ['six days before', '2026-11-17T10:00:00Z', 'Europe/Berlin', 'Monday at 9:00'],
    ['a week before, when “Monday” would be today', '2026-11-16T10:00:00Z', 'Europe/Berlin', 'Monday, November 23 at 9:00'],
    ['from New York, by the clock there', '2026-11-20T17:00:00Z', 'America/New_York', 'Monday at 3:00'],
    ['from Auckland, where it is evening already', '2026-11-23T05:00:00Z', 'Pacific/Auckland', 'today at 21:00'],
    ['from Honolulu, where it is still Sunday', '2026-11-22T20:00:00Z', 'Pacific/Honolulu', 'today at 22:00'],
    ['from Kathmandu, three quarters off', '2026-11-22T20:00:00Z', 'Asia/Kathmandu', 'today at 13:45']
  ])('is told %s', (_, now, zone, words) => {
    expect(opensInWords(MONDAY_NINE_IN_BERLIN, at(now), zone)).toBe(words)
  })

  it('counts days by the calendar, over a change of the clocks too', () => {
    // The clocks of Berlin go back in the night to 25 October 2026, a day of 25 hours.
    expect(opensInWords('2026-10-26T08:00:00Z', at('2026-10-24T22:30:00Z'), 'Europe/Berlin')).toBe('tomorrow at 9:00')
    expect(opensInWords('2026-10-25T23:30:00Z', at('2026-10-24T22:30:00Z'), 'Europe/Berlin')).toBe('tomorrow at 0:30')
  })

  it('is any minute once this clock is past it', () => {
    expect(opensInWords(MONDAY_NINE_IN_BERLIN, at('2026-11-23T08:00:01Z'), 'Europe/Berlin')).toBe('any minute')
  })
})

describe('whether it is open', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: at('2026-11-23T07:55:00Z') })
    return () => vi.useRealTimers()
  })

  it('is asked when it should open, and each minute from then on until it does', async () => {
    let opensAt: string | null = '2026-11-23T08:00:00Z'
    const ask = vi.fn(async () => undefined)
    const stop = watchOpening(() => opensAt, ask)
    await vi.advanceTimersByTimeAsync(4 * 60_000)
    expect(ask).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(2)
    opensAt = null
    await vi.advanceTimersByTimeAsync(60_000)
    await vi.advanceTimersByTimeAsync(9 * 60_000)
    expect(ask).toHaveBeenCalledTimes(3)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).toHaveBeenCalledTimes(4)
    stop()
    await vi.advanceTimersByTimeAsync(60 * 60_000)
    expect(ask).toHaveBeenCalledTimes(4)
  })

  it('is asked at least every ten minutes, for hours are changed', async () => {
    const ask = vi.fn(async () => undefined)
    const stop = watchOpening(() => '2026-11-25T08:00:00Z', ask)
    await vi.advanceTimersByTimeAsync(30 * 60_000)
    expect(ask).toHaveBeenCalledTimes(3)
    stop()
  })
})
