import { describe, expect, it } from 'vitest'
import { holidayProblem, hoursAreRight, hoursProblem, openingAt } from '#shared/opening'
import type { Hours, OpeningHours } from '#shared/wire.gen'

const office: Hours[] = [{ opens: '09:00', closes: '18:00' }]
const week = (days: number[], hours = office) => days.map(day => ({ day, hours }))
const london = (over: Partial<OpeningHours> = {}): OpeningHours => ({ time_zone: 'Europe/London', week: week([0, 1, 2, 3, 4]), holidays: [], ...over })
/** 2026-03-02 is a Monday; London is at UTC until 29 March. */
const at = (moment: string) => Date.parse(moment)

describe('whether it is open', () => {
  it('is, until the day’s end', () => {
    expect(openingAt(london(), at('2026-03-02T10:00Z'))).toEqual({ open: true, closes: { days: 0, date: '2026-03-02', time: '18:00' } })
  })

  it('is not at the minute it closes, and is at the one it opens', () => {
    expect(openingAt(london(), at('2026-03-02T18:00Z')).open).toBe(false)
    expect(openingAt(london(), at('2026-03-02T09:00Z')).open).toBe(true)
  })

  it('opens later today, tomorrow, or after the weekend', () => {
    expect(openingAt(london(), at('2026-03-02T06:00Z'))).toEqual({ open: false, opens: { days: 0, date: '2026-03-02', time: '09:00' } })
    expect(openingAt(london(), at('2026-03-02T20:00Z'))).toEqual({ open: false, opens: { days: 1, date: '2026-03-03', time: '09:00' } })
    expect(openingAt(london(), at('2026-03-06T20:00Z'))).toEqual({ open: false, opens: { days: 3, date: '2026-03-09', time: '09:00' } })
  })

  it('goes by the clock of its own zone, on both sides of a clock change', () => {
    const tokyo = london({ time_zone: 'Asia/Tokyo' })
    expect(openingAt(tokyo, at('2026-03-02T01:00Z')).open).toBe(true)
    expect(openingAt(tokyo, at('2026-03-02T10:00Z')).open).toBe(false)
    expect(openingAt(london(), at('2026-03-30T08:30Z')).open).toBe(true)
  })

  it('follows a holiday instead of the weekday', () => {
    const closed = london({ holidays: [{ date: '2026-03-02', name: 'Founders’ day', hours: [] }] })
    expect(openingAt(closed, at('2026-03-02T10:00Z'))).toEqual({ open: false, opens: { days: 1, date: '2026-03-03', time: '09:00' } })
    const short = london({ holidays: [{ date: '2026-03-02', name: 'Half day', hours: [{ opens: '09:00', closes: '12:00' }] }] })
    expect(openingAt(short, at('2026-03-02T10:00Z'))).toMatchObject({ closes: { time: '12:00' } })
  })

  it('takes an evening over midnight as one stretch', () => {
    const night = london({ week: [{ day: 0, hours: [{ opens: '20:00', closes: '24:00' }] }, { day: 1, hours: [{ opens: '00:00', closes: '02:00' }] }] })
    expect(openingAt(night, at('2026-03-02T22:00Z'))).toEqual({ open: true, closes: { days: 1, date: '2026-03-03', time: '02:00' } })
  })

  it('ends at midnight where nothing follows', () => {
    const late = london({ week: [{ day: 0, hours: [{ opens: '20:00', closes: '24:00' }] }] })
    expect(openingAt(late, at('2026-03-02T22:00Z'))).toEqual({ open: true, closes: { days: 1, date: '2026-03-03', time: '00:00' } })
  })

  it('never closes with all days through, never opens with none', () => {
    expect(openingAt(london({ week: week([0, 1, 2, 3, 4, 5, 6], [{ opens: '00:00', closes: '24:00' }]) }), at('2026-03-02T10:00Z'))).toEqual({ open: true, closes: null })
    expect(openingAt(london({ week: [] }), at('2026-03-02T10:00Z'))).toEqual({ open: false, opens: null })
    expect(openingAt(null, at('2026-03-02T10:00Z'))).toEqual({ open: true, closes: null })
  })

  it('takes two spans that meet as one', () => {
    const split = london({ week: week([0], [{ opens: '09:00', closes: '12:00' }, { opens: '12:00', closes: '17:00' }]) })
    expect(openingAt(split, at('2026-03-02T10:00Z'))).toMatchObject({ closes: { time: '17:00' } })
  })
})

describe('hours that cannot be', () => {
  it.each([
    [[{ opens: '', closes: '10:00' }], 'bad_time'],
    [[{ opens: '10:00', closes: '10:00' }], 'bad_order'],
    [[{ opens: '09:00', closes: '12:00' }, { opens: '11:00', closes: '13:00' }], 'bad_overlap'],
    [[{ opens: '09:00', closes: '12:00' }, { opens: '12:00', closes: '24:00' }], null],
    [[], null]
  ] as const)('%j: %s', (hours, problem) => expect(hoursProblem(hours)).toBe(problem))

  it('names what a holiday lacks', () => {
    const days = [{ date: '2026-12-25', name: 'Christmas', hours: [] }, { date: '2026-12-25', name: 'Again', hours: [] }, { date: '', name: 'x' }, { date: '2026-12-26', name: ' ' }]
    expect(days.map((_, i) => holidayProblem(days, i))).toEqual([null, 'holiday_twice', 'holiday_date_missing', 'holiday_name_missing'])
    expect(hoursAreRight(london({ holidays: days }))).toBe(false)
    expect(hoursAreRight(london())).toBe(true)
  })
})
