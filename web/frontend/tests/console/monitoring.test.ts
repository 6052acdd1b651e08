import { inWords, scale } from '#shared/kit/charts/series'
import { Toasts } from '#shared/kit/toasts.svelte'
import type { DayOutcomes, EscalationReport, Outcomes } from '#shared/wire.gen'
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte'
import type { Component } from 'svelte'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Server } from '../../apps/console/data/server'
import type { Session } from '../../apps/console/data/session.svelte'
import { beginOf, byWeek, everyDay, partsOf, seriesOf, shareOf } from '../../apps/console/monitoring/figures'
import MonitoringPage from '../../apps/console/monitoring/MonitoringPage.svelte'
import { cards, escalated, femi, payments, tom } from './escalation_fixtures'
import Framed from './Framed.svelte'
import { me } from './fixtures'
import { refusal, standInConsole } from './stand_ins'

const outcomes = (over: Partial<Outcomes> = {}): Outcomes => ({
  offered: 0, pending: 0, accepted: 0, rejected: 0, cancelled: 0, timed_out: 0, withdrawn: 0, accept_median_s: null, accept_p90_s: null, ...over
})
const day = (name: string, over: Partial<Outcomes> = {}): DayOutcomes => ({ day: name, ...outcomes(over) })

const report: EscalationReport = {
  since: '2026-03-01T00:00:00+00:00', until: '2026-03-07T12:00:00+00:00',
  all: outcomes({ offered: 10, pending: 2, accepted: 4, rejected: 2, cancelled: 1, timed_out: 1, accept_median_s: 45, accept_p90_s: 110 }),
  days: [day('2026-03-02', { offered: 6, accepted: 4, rejected: 2 }), day('2026-03-05', { offered: 4, pending: 2, cancelled: 1, timed_out: 1 })],
  teams: [
    { team: payments, ...outcomes({ offered: 7, accepted: 4, rejected: 2, timed_out: 1, accept_median_s: 45, accept_p90_s: 110 }) },
    { team: null, ...outcomes({ offered: 3, pending: 2, cancelled: 1 }) }
  ],
  agents: [{ agent: tom, made: 0, declined: 2, ...outcomes({ offered: 4, accepted: 4, accept_median_s: 45, accept_p90_s: 110 }) }, { agent: femi, made: 10, declined: 0, ...outcomes() }],
  rejections: [{ reason: 'wrong_team', count: 3 }, { reason: 'no_time', count: 1 }]
}

describe('the figures of a report', () => {
  it('fill the days on which nothing happened', () => {
    const days = everyDay(report.days, report.since, report.until)
    expect(days.map(each => [each.day, each.offered])).toEqual([
      ['2026-03-01', 0], ['2026-03-02', 6], ['2026-03-03', 0], ['2026-03-04', 0], ['2026-03-05', 4], ['2026-03-06', 0], ['2026-03-07', 0]
    ])
  })

  it('add up to weeks, the last of them whole', () => {
    const days = Array.from({ length: 10 }, (_, i) => day(`2026-03-${String(i + 1).padStart(2, '0')}`, { offered: i, accepted: i }))
    expect(byWeek(days).map(each => [each.day, each.offered, each.accepted])).toEqual([['2026-03-01', 3, 3], ['2026-03-04', 42, 42]])
    expect(byWeek(days.slice(0, 7))).toHaveLength(1)
  })

  it('begin at midnight, as the server counts its days', () => {
    expect(beginOf('7', Date.parse('2026-03-07T12:34:00Z'))).toBe('2026-03-01T00:00:00.000Z')
    expect(beginOf('30', Date.parse('2026-03-30T00:00:00Z'))).toBe('2026-03-01T00:00:00.000Z')
  })

  it('count a share of what has come to an end', () => {
    expect(shareOf(4, report.all)).toBe(0.5)
    expect(shareOf(0, outcomes({ offered: 2, pending: 2 }))).toBeNull()
  })

  it('are said in words for whoever does not see a bar', () => {
    const series = seriesOf(outcome => outcome)
    expect(inWords({ id: 1, label: '5 March', values: partsOf(report.days[1]!) }, series)).toBe('5 March: timed_out 1, taken_back 1, pending 2')
    expect(inWords({ id: 1, label: '6 March', values: [0, 0] }, series)).toBe('6 March: 0')
  })

  it.each([[0, [0, 1]], [1, [0, 1]], [3, [0, 1, 2, 3]], [7, [0, 2, 4, 6, 8]], [10, [0, 5, 10]], [43, [0, 20, 40, 60]], [1000, [0, 500, 1000]]])(
    'have whole round lines up to %d', (most, lines) => expect(scale(most)).toEqual(lines)
  )
})

describe('the report', () => {
  const WATCHES = ['chat.read', 'chat.read_all', 'chat.supervise', 'report.read']

  async function open(over: Partial<Server> = {}, permissions = WATCHES) {
    const escalationReport = vi.fn(async () => report)
    const allEscalations = vi.fn(async () => ({ items: [escalated()], total: 1, next: null }))
    const { console, tell } = standInConsole([], { me: me({ permissions }), server: { escalationReport, allEscalations, ...over } })
    const toasts = new Toasts()
    const frame: Frame = { session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection() }
    console.desk.teams = [{ ...payments, auto_assign: true, open: true, opens_at: null, alarm_wait_s: 600, waiting: 0, online: 1, oldest_waiting_at: null }, { ...cards, auto_assign: true, open: true, opens_at: null, alarm_wait_s: 600, waiting: 0, online: 1, oldest_waiting_at: null }]
    render(Framed, { props: { frame, screen: MonitoringPage as unknown as Component<Record<string, unknown>>, given: {} } })
    return { console, tell, escalationReport, allEscalations }
  }
  const figure = (name: string) => screen.getByText(name, { selector: 'dt' }).nextElementSibling?.textContent

  beforeEach(() => localStorage.clear())

  it('has the figures, the charts, and what waits now', async () => {
    await open()
    await vi.waitFor(() => expect(figure('Escalations')).toContain('10'))
    expect(figure('Accepted')).toContain('50%')
    expect(figure('Time to accept, median')).toMatch(/45 sec.*9 of 10 within 1 min 50 sec/)
    expect(screen.getByRole('img', { name: '10 escalations in 30 days, stacked by what became of them' })).toBeTruthy()
    const live = screen.getByRole('region', { name: 'Waiting now' })
    await vi.waitFor(() => expect(live.textContent).toContain('Adaeze Okonkwo'))
    expect(within(live).queryByRole('button')).toBeNull()
    expect(within(screen.getByRole('region', { name: 'Why they were rejected' })).getByText('75%')).toBeTruthy()
  })

  it('shows every chart as a table', async () => {
    await open()
    await vi.waitFor(() => screen.getByRole('region', { name: 'By agent' }))
    const card = screen.getByRole('region', { name: 'By agent' })
    await fireEvent.click(within(card).getByRole('radio', { name: 'Table' }))
    const cells = within(within(card).getByRole('table')).getAllByRole('row').map(row => [...row.children].map(cell => cell.textContent))
    expect(cells[0]).toEqual(['Agent', 'Escalations', 'Accepted', 'Rejected', 'Timed out', 'Cancelled', 'Withdrawn', 'Waiting', 'Median', '9 of 10 within', 'Asked others', 'Said no for a team'])
    expect(cells[1]).toEqual(['Tom Ashworth', '4', '4', '0', '0', '0', '0', '0', '45 sec', '1 min 50 sec', '0', '2'])
    expect(cells[2]).toEqual(['Femi Adebayo', '0', '0', '0', '0', '0', '0', '0', '–', '–', '10', '0'])
  })

  it('asks anew for another period, and the file is of the same', async () => {
    const { escalationReport } = await open()
    await vi.waitFor(() => expect(escalationReport).toHaveBeenCalledOnce())
    await fireEvent.click(screen.getByRole('radio', { name: '7 days' }))
    const since = beginOf('7', Date.now())
    await vi.waitFor(() => expect(escalationReport).toHaveBeenLastCalledWith({ since, until: null, team_id: null }))
    expect(screen.getByRole('link', { name: 'Export CSV' }).getAttribute('href')).toBe(`/api/escalations/report.csv?${new URLSearchParams({ since })}`)
  })

  it('says what to do when nothing happened, when it fails, and when it is not for this role', async () => {
    const nothing = await open({ escalationReport: async () => ({ ...report, all: outcomes() }), allEscalations: async () => ({ items: [], total: 0, next: null }) })
    await vi.waitFor(() => screen.getByText('No escalations in this time'))
    expect(screen.getByText('No escalation is waiting.')).toBeTruthy()
    nothing.console.stop()
    cleanup()

    const failing = vi.fn(async (): Promise<EscalationReport> => { throw refusal({ code: 'busy' }) })
    await open({ escalationReport: failing })
    await vi.waitFor(() => screen.getByText('The report didn’t load'))
    failing.mockImplementation(async () => report)
    await fireEvent.click(screen.getByRole('button', { name: 'Retry' }))
    await vi.waitFor(() => expect(figure('Escalations')).toContain('10'))
    cleanup()

    const { escalationReport } = await open({}, ['chat.read', 'chat.answer'])
    expect(screen.getByText('This report isn’t part of your role')).toBeTruthy()
    expect(escalationReport).not.toHaveBeenCalled()
  })

  it('shows who reads reports alone no chats, for those are not theirs to act on', async () => {
    const { allEscalations } = await open({}, ['chat.read', 'report.read'])
    await vi.waitFor(() => expect(figure('Escalations')).toContain('10'))
    expect(allEscalations).not.toHaveBeenCalled()
    expect(screen.queryByText('Waiting now')).toBeNull()
  })

  it('counts anew when an offer has ended', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const { escalationReport, tell } = await open()
    await vi.waitFor(() => expect(screen.getByRole('region', { name: 'Waiting now' }).textContent).toContain('Adaeze Okonkwo'))
    await vi.advanceTimersByTimeAsync(2_000)
    const before = escalationReport.mock.calls.length
    tell('chat:changed', { ...escalated(), version: 9, state: 'active', escalation: null })
    await vi.waitFor(() => screen.getByText('No escalation is waiting.'))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(escalationReport.mock.calls.length).toBe(before + 1)
    vi.useRealTimers()
  })
})
