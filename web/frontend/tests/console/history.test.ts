import type { SearchProblem, Suggestion, ViewOut } from '#shared/wire.gen'
import { fireEvent, render, screen, within } from '@testing-library/svelte'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { History, type HistoryAnswer } from '../../apps/console/data/history.svelte'
import { chipText, criteriaOf, type Criterion } from '../../apps/console/history/criteria'
import FilterBar from '../../apps/console/history/FilterBar.svelte'
import SearchBox from '../../apps/console/history/SearchBox.svelte'
import SearchNotes from '../../apps/console/history/SearchNotes.svelte'
import ViewDialog from '../../apps/console/history/ViewDialog.svelte'
import { lettersBefore, replaced, unitsBefore } from '../../apps/console/rules/caret'
import {
  CAUSES, chatFilter, cleared, criteria, dayOf, filterOf, filterOfView, midnight, narrowed, preset, PRESETS, queryOf, sameFilter, searchOf, SORTS, UNFILTERED, withoutGone,
  type HistoryFilter
} from '../../apps/console/rules/history_filter'
import { chat } from './fixtures'
import { refusal } from './stand_ins'

const ids = fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 4 })
const someDay = fc.integer({ min: 0, max: 20_000 }).map(days => dayOf(new Date(2000, 0, 1 + days)))
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null })
const anyFilter: fc.Arbitrary<HistoryFilter> = fc.record<HistoryFilter>({
  scope: fc.constantFrom('all' as const, 'mine' as const),
  state: fc.constantFrom('ended' as const, 'open' as const, 'any' as const, null),
  period: maybe(fc.constantFrom(...PRESETS)), from: maybe(someDay), to: maybe(someDay),
  agents: ids, teams: ids, channels: ids, tags: ids, services: ids,
  customer: maybe(fc.integer({ min: 1, max: 10_000 })),
  reasons: fc.uniqueArray(fc.constantFrom('resolved', 'other', 'of_our_own'), { maxLength: 3 }),
  causes: fc.uniqueArray(fc.constantFrom(...CAUSES), { maxLength: 3 }),
  ratings: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }),
  media: maybe(fc.boolean()), escalated: maybe(fc.boolean()), botOnly: maybe(fc.boolean()),
  q: fc.string({ maxLength: 30 }),
  sort: fc.constantFrom(...SORTS)
}).map(filter => (filter.period === null ? filter : { ...filter, from: null, to: null }))
const throughAddress = (filter: HistoryFilter) =>
  filterOf(Object.fromEntries(new URLSearchParams(Object.entries(searchOf(filter)).filter((pair): pair is [string, string] => Boolean(pair[1])))))
const viewOf = (filter: HistoryFilter): Pick<ViewOut, 'filter' | 'q' | 'sort'> => ({ filter: chatFilter(filter), q: filter.q, sort: filter.sort })

describe('a filter', () => {
  it('goes into an address and comes out of it whole', () => {
    fc.assert(fc.property(anyFilter, filter => {
      expect(throughAddress(filter)).toEqual(filter)
    }))
  })

  it('goes into a view and comes out of it whole, days and all', () => {
    fc.assert(fc.property(anyFilter, filter => {
      expect(filterOfView(viewOf(filter))).toEqual(filter)
    }))
  })

  it('reads nonsense in an address as nothing', () => {
    const nonsense = { from: '2026-02-31', to: 'soon', agents: '0,-3,x,1e99', ratings: '6,0', causes: 'boredom', state: 'odd', sort: 'sideways', media: 'yes', customer: 'me' }
    expect(filterOf(nonsense)).toEqual(UNFILTERED)
  })

  it('asks for whole days of this device, the last one included', () => {
    const query = queryOf({ ...UNFILTERED, from: '2026-03-01', to: '2026-03-01', agents: [3, 4], media: false })
    expect(Date.parse(query['to_at'] as string) - Date.parse(query['from_at'] as string)).toBe(86_400_000)
    expect(query).toMatchObject({ agent_ids: '3,4', has_media: false, scope: 'all' })
    expect(query).not.toHaveProperty('state')
  })

  it('counts its criteria, and is cleared but for whose chats and in which order', () => {
    const filter: HistoryFilter = { ...UNFILTERED, scope: 'mine', sort: 'longest', from: '2026-03-01', to: '2026-03-02', tags: [1, 2], escalated: false, q: 'pot' }
    expect(criteria(filter)).toBe(3)
    expect(narrowed({ ...UNFILTERED, q: 'x' })).toBe(true)
    expect(cleared(filter)).toEqual({ ...UNFILTERED, scope: 'mine', sort: 'longest' })
    expect(sameFilter(filter, { ...filter })).toBe(true)
    expect(sameFilter(filter, { ...filter, tags: [1] })).toBe(false)
  })

  it('lets go of a tag that is gone for good, and not of a team that is put away', () => {
    const gone = [{ kind: 'tag', id: 2, name: 'Lost', dropped: true }, { kind: 'team', id: 1, name: 'Old', dropped: false }] as const
    expect(withoutGone({ ...UNFILTERED, tags: [1, 2], teams: [1], services: [2] }, gone)).toEqual({ ...UNFILTERED, tags: [1], teams: [1], services: [2] })
  })

  it('reckons a stretch of time anew whenever its view is opened', () => {
    vi.useFakeTimers({ now: midnight('2026-03-02').getTime() + 3_600_000 })
    const view = viewOf({ ...UNFILTERED, period: 'week' })
    expect(view.filter).toMatchObject({ period: 'week', from_at: midnight('2026-02-24').toISOString(), to_at: midnight('2026-03-03').toISOString() })
    vi.setSystemTime(midnight('2026-05-20'))
    const opened = filterOfView(view)
    expect(opened).toEqual({ ...UNFILTERED, period: 'week' })
    expect(queryOf(opened)).toMatchObject({ from_at: midnight('2026-05-14').toISOString(), to_at: midnight('2026-05-21').toISOString() })
    expect(filterOf({ period: 'for ever', from: '2026-03-01' })).toEqual({ ...UNFILTERED, from: '2026-03-01' })
    vi.useRealTimers()
  })

  it('knows stretches of days by name', () => {
    const now = midnight('2026-03-02').getTime() + 3_600_000
    expect(preset('today', now)).toEqual({ from: '2026-03-02', to: '2026-03-02' })
    expect(preset('yesterday', now)).toEqual({ from: '2026-03-01', to: '2026-03-01' })
    expect(preset('week', now)).toEqual({ from: '2026-02-24', to: '2026-03-02' })
  })
})

describe('a caret', () => {
  it('is counted in letters on the wire and in units in the field', () => {
    expect(lettersBefore('🎈 tag', 2)).toBe(1)
    expect(unitsBefore('🎈 tag', 1)).toBe(2)
    expect(replaced('🎈 ta more', 2, 4, 'tag:')).toEqual({ text: '🎈 tag: more', caret: 7 })
  })
})

const known = {
  agents: [{ id: 1, name: 'Maya Lindholm' }, { id: 2, name: 'Femi Adebayo' }], teams: [], tags: [], reasons: [], channels: [], services: [], customer: null
}
const criterion = (id: string): Criterion => criteriaOf(known).find(each => each.id === id)!

describe('a chip', () => {
  it('names the one, counts the many, and says of one that is gone which it was', () => {
    expect(chipText(criterion('agents'), UNFILTERED)).toBeNull()
    expect(chipText(criterion('agents'), { ...UNFILTERED, agents: [2] })).toBe('Femi Adebayo')
    expect(chipText(criterion('agents'), { ...UNFILTERED, agents: [1, 2] })).toBe('Agent: 2')
    expect(chipText(criterion('tags'), { ...UNFILTERED, tags: [9] })).toBe('Tags 9')
    expect(chipText(criterion('media'), { ...UNFILTERED, media: false })).toBe('Without files')
  })

  it('writes days shortly, also while they are reversed', () => {
    expect(chipText(criterion('dates'), { ...UNFILTERED, from: '2026-03-01' })).toMatch(/^Since .*2026/)
    expect(chipText(criterion('dates'), { ...UNFILTERED, from: '2026-03-09', to: '2026-03-01' })).toMatch(/9.*–.*1/)
  })

  it('is taken away, and is not a step of Back for each tick of one list', async () => {
    const onchange = vi.fn()
    const { rerender } = render(FilterBar, { filter: { ...UNFILTERED, agents: [2] }, criteria: criteriaOf(known), onchange })
    await fireEvent.click(screen.getByRole('button', { name: 'Remove Agent' }))
    expect(onchange).toHaveBeenLastCalledWith(UNFILTERED, true)
    await rerender({ filter: UNFILTERED })
    expect(screen.queryByRole('button', { name: 'Remove Agent' })).toBeNull()
    expect(screen.getByRole('button', { name: 'More' })).toBeTruthy()
  })

  it('stays open when what can be chosen comes between the click and the news of it', async () => {
    const closed = vi.fn()
    HTMLElement.prototype.hidePopover = closed
    const { rerender } = render(FilterBar, { filter: UNFILTERED, criteria: criteriaOf({ ...known, agents: [] }), onchange: vi.fn() })
    const panel = document.getElementById(screen.getByRole('button', { name: 'Agent' }).getAttribute('popovertarget')!)!
    const asked = vi.spyOn(panel, 'matches').mockReturnValue(true) // as the browser has it from the click on
    await fireEvent(panel, Object.assign(new Event('beforetoggle'), { newState: 'open' }))
    await rerender({ criteria: criteriaOf(known) })
    await fireEvent(panel, Object.assign(new Event('toggle'), { newState: 'open' }))
    expect(closed).not.toHaveBeenCalled()
    expect(within(panel).getByRole('checkbox', { name: 'Femi Adebayo', hidden: true })).toBeTruthy()
    expect(asked).toHaveBeenCalled()
  })
})

const answer = (over: Partial<HistoryAnswer> = {}): HistoryAnswer => ({
  rows: [], people: [], problems: [], corrected: [], total: 0, capped: false, next: null, searchedTo: null, ...over
})
const rowsOf = (...numbers: number[]) => numbers.map(id => ({ chat: chat({ id }), hits: [] }))

describe('the list', () => {
  it('shows only the answer to the last question', async () => {
    const waiting: ((page: HistoryAnswer) => void)[] = []
    const history = new History({ history: vi.fn(() => new Promise<HistoryAnswer>(resolve => waiting.push(resolve))) })
    const first = history.narrow({ ...UNFILTERED, q: 'a' })
    const second = history.narrow({ ...UNFILTERED, q: 'ab' })
    waiting[1]!(answer({ rows: rowsOf(2) }))
    waiting[0]!(answer({ rows: rowsOf(1) }))
    await Promise.all([first, second])
    expect(history.rows.map(row => row.chat.id)).toEqual([2])
    expect(history.busy).toBe(false)
  })

  it('goes on by pages, with no chat twice', async () => {
    const ask = vi.fn().mockResolvedValueOnce(answer({ rows: rowsOf(1, 2), next: 'b', total: 3 })).mockResolvedValueOnce(answer({ rows: rowsOf(2, 3) }))
    const history = new History({ history: ask })
    await history.load()
    expect(history.more).toBe('idle')
    await history.loadMore()
    expect(ask).toHaveBeenLastCalledWith(UNFILTERED, 'b', expect.anything())
    expect(history.rows.map(row => row.chat.id)).toEqual([1, 2, 3])
    expect([history.more, history.total]).toEqual(['none', 3])
  })

  it('keeps its rows when more of them do not come, and asks again when told to', async () => {
    const ask = vi.fn().mockResolvedValueOnce(answer({ rows: rowsOf(1), next: 'b' })).mockRejectedValueOnce(refusal({ code: 'busy' })).mockResolvedValueOnce(answer({ rows: rowsOf(2) }))
    const history = new History({ history: ask })
    await history.load()
    await history.loadMore()
    expect([history.state, history.more, history.rows.length]).toEqual(['ready', 'failed', 1])
    await history.loadMore()
    expect([history.more, history.rows.length]).toEqual(['none', 2])
  })

  it('tires of a search that finds nothing, until it is told to go on', async () => {
    const history = new History({ history: vi.fn(async () => answer({ next: 'on', searchedTo: '2020-01-01T00:00:00Z' })) })
    await history.narrow({ ...UNFILTERED, q: 'needle' })
    for (let pages = 0; pages < 5; pages += 1) await history.loadMore()
    expect(history.tired).toBe(true)
    void history.goOn()
    expect(history.tired).toBe(false)
  })

  it('asks nobody for days that are reversed, or for a page of text', async () => {
    const ask = vi.fn()
    const history = new History({ history: ask })
    await history.narrow({ ...UNFILTERED, q: 'x'.repeat(10_000) })
    expect(history.state).toBe('too_long')
    await history.narrow({ ...UNFILTERED, from: '2026-03-02', to: '2026-03-01' })
    expect(history.state).toBe('ready')
    expect(ask).not.toHaveBeenCalled()
  })
})

describe('the search box', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const operator: Suggestion = { kind: 'operator', text: 'tag:', label: 'with this tag', start: 2, end: 4 }
  const tag: Suggestion = { kind: 'tag', text: 'tag:"Lost parcel"', label: 'Lost parcel', start: 2, end: 6 }
  const notOne: Suggestion = { kind: 'operator', text: 'team:', label: 'which team', start: 2, end: 4 }

  it('completes an operator and then what goes with it; Enter without a choice searches', async () => {
    const onsearch = vi.fn()
    const suggestions = vi.fn().mockResolvedValueOnce({ items: [notOne, operator] }).mockResolvedValueOnce({ items: [tag] }).mockResolvedValue({ items: [] })
    render(SearchBox, { q: '', archive: { suggestions }, onsearch })
    const box = screen.getByRole<HTMLInputElement>('combobox')
    box.focus()
    await fireEvent.input(box, { target: { value: '🎈 ta' } })
    await vi.advanceTimersByTimeAsync(200)
    expect(suggestions).toHaveBeenLastCalledWith('🎈 ta', 4, expect.anything())
    expect(screen.getAllByRole('option').map(each => each.getAttribute('aria-selected'))).toEqual(['false', 'false'])
    await fireEvent.keyDown(box, { key: 'ArrowDown' })
    await fireEvent.keyDown(box, { key: 'ArrowDown' })
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(box.value).toBe('🎈 tag:')
    await vi.advanceTimersByTimeAsync(200)
    await fireEvent.click(screen.getByRole('option'))
    await vi.advanceTimersByTimeAsync(0)
    expect(box.value).toBe('🎈 tag:"Lost parcel" ')
    expect(onsearch).toHaveBeenLastCalledWith('🎈 tag:"Lost parcel" ', false)
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(onsearch).toHaveBeenLastCalledWith('🎈 tag:"Lost parcel" ', true)
  })

  it('asks for no proposals for a page of text, and closes them by Escape', async () => {
    const suggestions = vi.fn(async () => ({ items: [operator] }))
    render(SearchBox, { q: '', archive: { suggestions }, onsearch: vi.fn() })
    const box = screen.getByRole<HTMLInputElement>('combobox')
    box.focus()
    await fireEvent.input(box, { target: { value: 'x'.repeat(10_000) } })
    await vi.advanceTimersByTimeAsync(500)
    expect(suggestions).not.toHaveBeenCalled()
    await fireEvent.input(box, { target: { value: 'ta' } })
    await vi.advanceTimersByTimeAsync(200)
    expect(screen.getAllByRole('option')).toHaveLength(1)
    await fireEvent.keyDown(box, { key: 'Escape' })
    expect(screen.queryByRole('option')).toBeNull()
  })
})

describe('what is said of a query', () => {
  it('names each problem, leads to its place, and tells what was taken for what', async () => {
    const problems: SearchProblem[] = [{ code: 'bad_date', text: 'before:soon', start: 4, end: 15 }, { code: 'too_many_words', text: 'w'.repeat(200), start: 20, end: 220 }]
    const onpoint = vi.fn()
    render(SearchNotes, { id: 'notes', problems, corrected: [{ typed: 'calatea', meant: ['calathea', 'calatheas'] }], onpoint })
    await fireEvent.click(screen.getByRole('button', { name: 'before:soon' }))
    expect(onpoint).toHaveBeenCalledWith(4, 15)
    expect(screen.getByText(/isn’t a date/)).toBeTruthy()
    expect(screen.getByText('Nobody wrote “calatea”. Shown: “calathea” or “calatheas”.')).toBeTruthy()
    expect(screen.getAllByRole('button')[1]!.textContent).toHaveLength(41)
  })
})

describe('the name of a view', () => {
  it('must be one, and a name that is taken is said at the field', async () => {
    const save = vi.fn().mockRejectedValueOnce(refusal({ code: 'name_taken' })).mockResolvedValueOnce(null)
    render(ViewDialog, { sharable: true, save, onclose: vi.fn() })
    await fireEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(screen.getByText('Give it a name.')).toBeTruthy()
    await fireEvent.input(screen.getByLabelText('Name'), { target: { value: ' Bad days ' } })
    await fireEvent.click(screen.getByLabelText('Share with everybody'))
    await fireEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(save).toHaveBeenCalledWith('Bad days', true)
    expect(await screen.findByText('There is a view of that name already.')).toBeTruthy()
  })
})
