import { Toasts } from '#shared/kit/toasts.svelte'
import type { ExampleCheck, FailureFigures, FailureOut, ReplayOut, ReplayTurnPage, SuggestionOut } from '#shared/wire.gen'
import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { tick, type Component } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Session } from '../../apps/console/data/session.svelte'
import ArticleDialog from '../../apps/console/failures/ArticleDialog.svelte'
import DismissDialog from '../../apps/console/failures/DismissDialog.svelte'
import { byWeek, changeOf, everyDay } from '../../apps/console/failures/figures'
import FiguresView from '../../apps/console/failures/FiguresView.svelte'
import { laterOf, MOST_PHRASINGS, phrasingsOf, proofOf } from '../../apps/console/failures/fixing'
import Replay from '../../apps/console/failures/Replay.svelte'
import ResolveDialog from '../../apps/console/failures/ResolveDialog.svelte'
import type { Review } from '../../apps/console/failures/review'
import ServiceDialog from '../../apps/console/failures/ServiceDialog.svelte'
import Framed from './Framed.svelte'
import { at, overview } from './fixtures'
import { refusal, standInConsole } from './stand_ins'

const replayOf = (over: Partial<ReplayOut> = {}): ReplayOut => ({
  id: 5, cluster_id: 3, failure_id: null, purpose: 'before', change: null, state: 'running', fault: null, by: null, total: 20, done: 0,
  fixed: 0, failing: 0, kept: 0, broken: 0, percent: null, asked_at: at(0), finished_at: null, ...over
})
const passed = replayOf({ state: 'done', done: 20, fixed: 9, failing: 1, kept: 10, percent: 90, finished_at: at(9) })

const failure = (id: number, text: string): FailureOut => ({
  id, text, trigger: 'no_knowledge', status: 'open', status_reason: null, status_note: '', decided_by: null, decided_at: null, noise: null, language: 'en',
  channel: { id: 1, name: 'Website' }, team: null, customer: { id: id, name: 'Adaeze', hue: 3 }, chat_id: 7, session_id: 7, message_id: id, message_seq: 2,
  candidates: [], answer: null, answered_by: null, answered_at: null, cluster: null, placed: null, created_at: at(0)
})
const questions = [failure(11, 'wrong account'), failure(12, 'Wrong  account'), failure(13, 'recall my transfer'), failure(14, 'card abroad')]
const suggestion = (kind: 'article' | 'service', id: number, title: string): SuggestionOut => ({ kind, id, title, score: 0.7, confidence: 0.82 })

const subject = { of: 'clusters', id: 3 } as const

function reviewOf(over: Partial<Review> = {}): Review {
  return {
    replay: vi.fn(async () => replayOf()), replayOf: vi.fn(async () => replayOf()), cancelReplay: vi.fn(async () => replayOf({ state: 'cancelled', done: 4 })),
    turns: vi.fn(async (): Promise<ReplayTurnPage> => ({ items: [], next: null })), checkExamples: vi.fn(async (): Promise<ExampleCheck> => ({ duplicates: [], pulls: [], fresh: [] })),
    toArticle: vi.fn(async () => ({})), toService: vi.fn(async () => ({})), resolveCluster: vi.fn(async () => ({})), resolveFailure: vi.fn(async () => ({})),
    dismissCluster: vi.fn(async () => ({})), ...over
  } as unknown as Review
}

function open<Props extends Record<string, unknown>>(screen_: Component<Props>, given: Props) {
  const teams = [{ id: 1, name: 'Payments', hue: 262, auto_assign: true, open: true, opens_at: null, alarm_wait_s: 600, waiting: 0, online: 1, oldest_waiting_at: null }]
  const { console, tell } = standInConsole([], { server: { overview: async () => overview({ teams }) } })
  console.desk.teams = teams
  const toasts = new Toasts()
  const frame: Frame = { session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection() }
  render(Framed, { props: { frame, screen: screen_ as unknown as Component<Record<string, unknown>>, given } })
  return { tell, toasts }
}
const button = (name: string | RegExp) => screen.getByRole('button', { name, hidden: true })
const box = (name: string) => screen.getByRole('checkbox', { name, hidden: true }) as HTMLInputElement
const settled = async () => { for (let i = 0; i < 6; i++) await tick() }

beforeEach(() => {
  HTMLElement.prototype.showPopover ??= () => undefined
  HTMLElement.prototype.hidePopover ??= () => undefined
})
afterEach(() => vi.useRealTimers())

describe('what a repair is made of', () => {
  it('takes each wording once, in one line, and no more than the server does', () => {
    expect(phrasingsOf(questions)).toEqual([{ id: 11, text: 'wrong account' }, { id: 13, text: 'recall my transfer' }, { id: 14, text: 'card abroad' }])
    expect(phrasingsOf([failure(1, ' two\n lines '), failure(2, '   '), failure(3, 'x'.repeat(2001))])).toEqual([{ id: 1, text: 'two lines' }])
    expect(phrasingsOf(Array.from({ length: 300 }, (_, i) => failure(i, `question ${i}`)))).toHaveLength(MOST_PHRASINGS)
  })

  it('is proved by a share that is reached and nothing that breaks', () => {
    expect(proofOf(null, 80)).toBe('none')
    expect(proofOf(replayOf(), 80)).toBe('running')
    expect(proofOf(passed, 80)).toBe('passed')
    expect(proofOf(passed, 95)).toBe('short')
    expect(proofOf(passed, null)).toBe('short')
    expect(proofOf({ ...passed, broken: 1 }, 80)).toBe('broken')
    expect(proofOf(replayOf({ state: 'failed' }), 80)).toBe('undecided')
  })

  it('follows a replay forwards only', () => {
    const known = replayOf({ done: 8 })
    expect(laterOf(known, replayOf({ done: 3 }))).toBe(known)
    expect(laterOf(known, passed)).toBe(passed)
    expect(laterOf(passed, known)).toBe(passed)
  })
})

describe('a replay', () => {
  it('moves as the desk tells how far it is, and ends in figures', async () => {
    const onchange = vi.fn()
    const { tell } = open(Replay, { review: reviewOf(), replay: replayOf({ state: 'waiting' }), needed: 80, onchange })
    await settled()
    tell('replay:changed', replayOf({ done: 7, fixed: 3, kept: 4 }))
    await settled()
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('7')
    expect(screen.getByText('7 of 20 asked')).toBeTruthy()
    expect(button(/^3 ?Fixed/)).toBeTruthy()
    tell('replay:changed', replayOf({ id: 6, done: 19 }))
    tell('replay:changed', replayOf({ done: 2 }))
    await settled()
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('7')
    tell('replay:changed', passed)
    await settled()
    expect(screen.queryByRole('progressbar')).toBeNull()
    expect(screen.getAllByText('90% of the failures are answered; 80% are needed.')).not.toHaveLength(0)
    expect(screen.getByText('Passed')).toBeTruthy()
    expect(onchange).toHaveBeenLastCalledWith(passed)
  })

  it('asks for itself where no news comes, and no more once it is over', async () => {
    vi.useFakeTimers()
    const asked = vi.fn(async () => replayOf({ done: 1 }))
    const { tell } = open(Replay, { review: reviewOf({ replayOf: asked }), replay: replayOf(), needed: 80 })
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(4_000)
    tell('replay:changed', replayOf({ done: 2 }))
    await vi.advanceTimersByTimeAsync(4_000)
    expect(asked).toHaveBeenCalledTimes(1)
    asked.mockResolvedValue(passed)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked).toHaveBeenCalledTimes(2)
    expect(screen.getByText('Passed')).toBeTruthy()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toHaveBeenCalledTimes(2)
  })

  it('opens the turns of a verdict, a page at a time', async () => {
    const turn = (id: number) => ({ id, failure_id: null, question: `Question ${id}`, verdict: 'broken', said: id === 1 ? 'Something else.' : null, source: id === 1 ? { kind: 'article', id: 4, title: 'Limits' } : null, confidence: id === 1 ? 0.71 : null })
    const turns = vi.fn(async (_id: number, query: Record<string, unknown>) => ({ items: query['after'] ? [turn(2)] : [turn(1)], next: query['after'] ? null : 1 }))
    open(Replay, { review: reviewOf({ turns: turns as unknown as Review['turns'] }), replay: { ...passed, broken: 2, kept: 8 }, needed: 80 })
    expect(screen.getByText('Not passed')).toBeTruthy()
    await fireEvent.click(button(/Newly broken/))
    await vi.waitFor(() => screen.getByText('Question 1'))
    expect(turns).toHaveBeenCalledWith(5, { verdict: 'broken', limit: 50 })
    expect(screen.getByText('Something else.')).toBeTruthy()
    expect(screen.getByText('Limits')).toBeTruthy()
    expect(screen.getByText('71% sure')).toBeTruthy()
    await fireEvent.click(button('Show more'))
    await vi.waitFor(() => screen.getByText('Question 2'))
    expect(screen.getByText('The bot has no answer.')).toBeTruthy()
    expect(turns).toHaveBeenLastCalledWith(5, { verdict: 'broken', limit: 50, after: 1 })
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull()
  })

  it('can be stopped, and says why it failed', async () => {
    const review = reviewOf()
    open(Replay, { review, replay: replayOf(), needed: 80 })
    await fireEvent.click(button('Stop'))
    await vi.waitFor(() => expect(screen.getAllByText(/Stopped after 4 of 20/)).not.toHaveLength(0))
    expect(review.cancelReplay).toHaveBeenCalledWith(5)
    open(Replay, { review, replay: replayOf({ id: 9, state: 'failed', fault: 'knowledge_gone' }), needed: 80 })
    expect(screen.getByRole('alert').textContent).toContain('was removed meanwhile')
  })
})

describe('adding to the knowledge base', () => {
  const given = (over: Record<string, unknown> = {}) => ({
    review: reviewOf(), subject, version: 4, called: 'recall my transfer', draft: { title: 'Recalling a transfer', body: 'Tell us at once.', sources: [{ failure_id: 11, chat_id: 7, by: 'Femi' }, { failure_id: 12, chat_id: 7, by: 'Femi' }, { failure_id: 13, chat_id: 8, by: null }] },
    questions, options: async () => [{ id: 4, title: 'Limits' }], suggestions: [suggestion('article', 4, 'Limits'), suggestion('service', 9, 'Transfers')], needed: 80,
    ondone: vi.fn(), onclose: vi.fn(), ...over
  })

  it('begins with the draft and its sources, and saves what is chosen, saying that it is not proved', async () => {
    const props = given()
    open(ArticleDialog as unknown as Component<Record<string, unknown>>, props)
    await settled()
    expect(screen.getByText('Drafted from 2 chats where an agent answered')).toBeTruthy()
    expect(screen.getByText('82% sure')).toBeTruthy()
    expect(screen.queryByText('Transfers')).toBeNull()
    expect(box('wrong account').checked).toBe(true)
    await fireEvent.click(box('card abroad'))
    expect(screen.getByText('2 of 3 chosen')).toBeTruthy()
    expect(screen.getByText('Not proved yet.')).toBeTruthy()
    await fireEvent.click(button('Save without proof'))
    await vi.waitFor(() => expect(props.ondone).toHaveBeenCalled())
    expect(props.review.toArticle).toHaveBeenCalledWith(subject, { article: { title: 'Recalling a transfer', body: 'Tell us at once.' }, phrasings: ['wrong account', 'recall my transfer'], version: 4 })
  })

  it('is proved before it is saved; a change after that is not', async () => {
    const props = given()
    const { tell } = open(ArticleDialog as unknown as Component<Record<string, unknown>>, props)
    await settled()
    await fireEvent.click(button('Prove it'))
    await vi.waitFor(() => expect(props.review.replay).toHaveBeenCalledWith(subject, { article: { article: { title: 'Recalling a transfer', body: 'Tell us at once.' }, phrasings: ['wrong account', 'recall my transfer', 'card abroad'] } }))
    await settled()
    expect(screen.getByText('The proof is still running.')).toBeTruthy()
    tell('replay:changed', { ...passed, broken: 2, kept: 8 })
    await settled()
    expect(screen.getByText('It breaks answers that are good today.')).toBeTruthy()
    expect(button('Save all the same')).toBeTruthy()
    await fireEvent.click(box('card abroad'))
    await settled()
    expect(screen.getByText('Changed since it was proved.')).toBeTruthy()
    await fireEvent.click(box('card abroad'))
    await settled()
    expect(screen.getByText('It breaks answers that are good today.')).toBeTruthy()
    expect(props.review.toArticle).not.toHaveBeenCalled()
  })

  it('is saved plainly once it has passed', async () => {
    open(ArticleDialog as unknown as Component<Record<string, unknown>>, given({ review: reviewOf({ replay: async () => passed }) }))
    await settled()
    await fireEvent.click(button('Prove it'))
    await vi.waitFor(() => screen.getByText('Proved: it passes.'))
    expect(button('Save')).toBeTruthy()
  })

  it('goes to an article there is, and over what somebody else decided only when told to', async () => {
    const toArticle = vi.fn(async (_subject: unknown, body: { version?: number | null }) => { if (body.version !== 6) throw refusal({ code: 'cluster_changed', version: 6, by: { id: 2, name: 'Tom', hue: 1 } }); return {} })
    const props = given({ review: reviewOf({ toArticle }) })
    open(ArticleDialog as unknown as Component<Record<string, unknown>>, props)
    await settled()
    await fireEvent.click(button('Choose Limits'))
    await fireEvent.click(button('Save without proof'))
    await vi.waitFor(() => expect(screen.getByRole('alert', { hidden: true }).textContent).toContain('Tom has changed this group meanwhile'))
    expect(props.ondone).not.toHaveBeenCalled()
    await fireEvent.click(button('Do it all the same'))
    await vi.waitFor(() => expect(props.ondone).toHaveBeenCalled())
    expect(toArticle).toHaveBeenLastCalledWith(subject, { article_id: 4, phrasings: ['wrong account', 'recall my transfer', 'card abroad'], version: 6 })
  })

  it('wants a title and a text', async () => {
    const props = given({ draft: null })
    open(ArticleDialog as unknown as Component<Record<string, unknown>>, props)
    await settled()
    const name = screen.getByLabelText<HTMLInputElement>(/^Title/)
    expect(name.value, 'where nobody has answered it is called what the group is called').toBe('recall my transfer')
    await fireEvent.input(name, { target: { value: ' ' } })
    expect(button('Prove it').getAttribute('aria-disabled')).toBe('true')
    await fireEvent.click(button('Save without proof'))
    await vi.waitFor(() => screen.getByText('Give it a title.'))
    expect(props.review.toArticle).not.toHaveBeenCalled()
  })
})

describe('adding to a service', () => {
  const check: ExampleCheck = {
    duplicates: [{ failure_id: 13, text: 'recall my transfer', like: 'recall a transfer', likeness: 0.95 }],
    pulls: [{ failure_id: 14, text: 'card abroad', service: { id: 2, title: 'Card travel' }, likeness: 0.8, own_likeness: 0.5 }], fresh: [11]
  }
  const given = (over: Record<string, unknown> = {}) => ({
    review: reviewOf({ checkExamples: vi.fn(async () => check) }), subject, version: 4, questions, options: async () => [{ id: 9, title: 'Transfers' }, { id: 2, title: 'Card travel' }],
    suggestions: [suggestion('service', 9, 'Transfers')], needed: 80, ondone: vi.fn(), onclose: vi.fn(), ...over
  })

  it('leaves repeats out, warns of what pulls from others, and can leave those out too', async () => {
    const props = given()
    open(ServiceDialog as unknown as Component<Record<string, unknown>>, props)
    await settled()
    expect(props.review.checkExamples).not.toHaveBeenCalled()
    await fireEvent.click(button('Choose Transfers'))
    await vi.waitFor(() => screen.getByText('Says the same as “recall a transfer” (95%)'))
    expect(props.review.checkExamples).toHaveBeenCalledWith({ service_id: 9, failure_ids: [11, 13, 14] })
    expect(box('recall my transfer').checked).toBe(false)
    expect(screen.getByText('Would pull questions from Card travel (80%)').closest('[id]')?.id).toBe(box('card abroad').getAttribute('aria-describedby'))
    expect(box('card abroad').checked).toBe(true)
    expect(screen.getByText(/1 chosen example is nearer to another service/)).toBeTruthy()
    await fireEvent.click(button('Leave them out'))
    expect(box('card abroad').checked).toBe(false)
    await fireEvent.click(box('recall my transfer'))
    await fireEvent.click(button('Save without proof'))
    await vi.waitFor(() => expect(props.ondone).toHaveBeenCalled())
    expect(props.review.toService).toHaveBeenCalledWith(subject, { service_id: 9, phrasings: ['wrong account', 'recall my transfer'], version: 4 })
  })

  it('makes a new one, and looks at its examples as well', async () => {
    const props = given({ suggestions: [] })
    open(ServiceDialog as unknown as Component<Record<string, unknown>>, props)
    await vi.waitFor(() => expect(props.review.checkExamples).toHaveBeenCalledWith({ service_id: null, failure_ids: [11, 13, 14] }))
    await fireEvent.input(screen.getByRole('textbox', { name: /^Name/, hidden: true }), { target: { value: 'Recall' } })
    await fireEvent.input(screen.getByRole('textbox', { name: /^Answer/, hidden: true }), { target: { value: 'We recall it.' } })
    const teams = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Hand over to', hidden: true })
    expect([...teams.options].map(each => each.textContent)).toEqual(['Whoever the rules say', 'Payments'])
    await fireEvent.click(button('Save without proof'))
    await vi.waitFor(() => expect(props.ondone).toHaveBeenCalled())
    expect(props.review.toService).toHaveBeenCalledWith(subject, { service: { name: 'Recall', answer: 'We recall it.', description: '', team_id: null }, phrasings: ['wrong account', 'card abroad'], version: 4 })
  })

  it('wants an example, and says when nobody could look', async () => {
    const props = given({ review: reviewOf({ checkExamples: vi.fn(async () => { throw refusal({ code: 'busy' }) }) }) })
    open(ServiceDialog as unknown as Component<Record<string, unknown>>, props)
    await settled()
    await fireEvent.click(button('Choose Transfers'))
    await vi.waitFor(() => screen.getByText(/Nobody has looked for repeats/))
    await fireEvent.click(button('Choose none'))
    await fireEvent.click(button('Save without proof'))
    await vi.waitFor(() => expect(screen.getByRole('alert', { hidden: true }).textContent).toContain('Choose at least one example.'))
    expect(props.review.toService).not.toHaveBeenCalled()
  })
})

describe('settling', () => {
  const resolve = (over: Record<string, unknown> = {}) => ({ review: reviewOf(), subject, version: 4, replay: null as ReplayOut | null, needed: 80, ondone: vi.fn(), onclose: vi.fn(), ...over })
  const show = (props: Record<string, unknown>) => open(ResolveDialog as unknown as Component<Record<string, unknown>>, props)
  const note = () => screen.getByRole('textbox', { hidden: true })

  it('wants a written reason where no replay has passed', async () => {
    const props = resolve()
    show(props)
    await settled()
    expect(screen.getByText(/No replay has shown that it is fixed: 80% of the questions/)).toBeTruthy()
    await fireEvent.click(button('Resolve without proof'))
    await vi.waitFor(() => screen.getByText('Choose a reason.'))
    await fireEvent.click(screen.getByRole('radio', { name: /No fix needed/, hidden: true }))
    await fireEvent.input(note(), { target: { value: 'too short' } })
    await fireEvent.click(button('Resolve without proof'))
    await vi.waitFor(() => screen.getByText(/write at least 10 characters/))
    expect(props.review.resolveCluster).not.toHaveBeenCalled()
    await fireEvent.input(note(), { target: { value: 'The campaign is over.' } })
    await fireEvent.click(button('Resolve without proof'))
    await vi.waitFor(() => expect(props.ondone).toHaveBeenCalled())
    expect(props.review.resolveCluster).toHaveBeenCalledWith(3, { reason: 'no_fix_needed', note: 'The campaign is over.', version: 4 })
  })

  it('asks for none once a replay that is run here passes', async () => {
    const after = { ...passed, purpose: 'after' as const }
    const props = resolve({ replay: { ...passed, id: 2 }, review: reviewOf({ replay: vi.fn(async () => after) }) })
    show(props)
    await settled()
    expect(screen.getByText(/No replay has shown/)).toBeTruthy()
    await fireEvent.click(button('Prove it'))
    await vi.waitFor(() => screen.getByText('The newest replay shows that it is fixed.'))
    expect(props.review.replay).toHaveBeenCalledWith(subject, {})
    await fireEvent.click(screen.getByRole('radio', { name: /^Fixed/, hidden: true }))
    await fireEvent.click(button('Mark as resolved'))
    await vi.waitFor(() => expect(props.review.resolveCluster).toHaveBeenCalledWith(3, { reason: 'fixed', note: '', version: 4 }))
  })

  it('says what the server misses, and asks for it', async () => {
    const resolveCluster = vi.fn(async () => { throw refusal({ code: 'not_proved', proof: { percent: 60, broken: 0, needed_percent: 80 } }) })
    show(resolve({ replay: { ...passed, purpose: 'after' }, review: reviewOf({ resolveCluster }) }))
    await settled()
    await fireEvent.click(screen.getByRole('radio', { name: /^Fixed/, hidden: true }))
    await fireEvent.click(button('Mark as resolved'))
    await vi.waitFor(() => expect(screen.getByRole('alert', { hidden: true }).textContent).toContain('answers 60% of the questions, 80% are needed'))
    expect(button('Resolve without proof')).toBeTruthy()
    expect(note().hasAttribute('required')).toBe(true)
  })

  it('of a single question asks for no proof', async () => {
    const props = resolve({ subject: { of: 'failures', id: 11 }, version: null, needed: null })
    show(props)
    await settled()
    expect(screen.queryByRole('button', { name: 'Prove it', hidden: true })).toBeNull()
    await fireEvent.click(screen.getByRole('radio', { name: /Answered elsewhere/, hidden: true }))
    await fireEvent.click(button('Mark as resolved'))
    await vi.waitFor(() => expect(props.review.resolveFailure).toHaveBeenCalledWith(11, { reason: 'answered_elsewhere', note: '' }))
  })

  it('dismisses the meaning, and says so', async () => {
    const props = { review: reviewOf(), subject, version: 4, ondone: vi.fn(), onclose: vi.fn() }
    open(DismissDialog as unknown as Component<Record<string, unknown>>, props)
    await settled()
    expect(screen.getByText(/Questions that mean the same will be dismissed with it/)).toBeTruthy()
    await fireEvent.click(screen.getByRole('radio', { name: /Out of scope/, hidden: true }))
    await fireEvent.click(button('Dismiss'))
    await vi.waitFor(() => expect(props.ondone).toHaveBeenCalled())
    expect(props.review.dismissCluster).toHaveBeenCalledWith(3, { reason: 'out_of_scope', note: '', version: 4 })
  })
})

describe('the figures', () => {
  const figure = (name: FailureFigures['figures'][number]['name'], part: number, whole: number, before: number | null) => ({ name, part, whole, share: whole ? part / whole : null, before })
  const figures: FailureFigures = {
    since: '2026-03-01T00:00:00+00:00', until: '2026-03-07T12:00:00+00:00',
    figures: [
      figure('fallback_rate', 30, 200, 0.2), figure('session_fallback_rate', 20, 100, 0.1), figure('double_fallback_rate', 4, 100, 0.04), figure('containment', 60, 100, 0.5),
      figure('net_containment', 40, 100, 0.5), figure('confirmed_resolution', 10, 100, null), figure('assumed_resolution', 20, 100, 0.2), figure('abandoned', 10, 100, 0.2)
    ],
    days: [{ day: '2026-03-02', turns: 200, failed_turns: 30, sessions: 100, failed_sessions: 20, contained: 60 }],
    backlog: { clusters: 6, people: 371, singles: 12, median_age_s: 3 * 86_400 },
    fixes: [{ cluster: { id: 3, title: 'Wrong account' }, fixed_at: at(0), before_week: 12.5, after_week: 0.75, percent: 92, time_to_fix_s: 2 * 86_400, reopened: 1 }],
    median_time_to_fix_s: 2 * 86_400
  }
  const show = (read: Review['figures']) => open(FiguresView as unknown as Component<Record<string, unknown>>, { review: reviewOf({ figures: read }) })
  const share = (name: string) => screen.getByText(name, { selector: 'li span' }).closest('li')!

  it('judge a change by what is wanted', () => {
    expect(figures.figures.map(changeOf)).toEqual(['down_better', 'up_worse', 'same', 'up_better', 'down_worse', 'unknown', 'same', 'down_better'])
  })

  it('fill quiet days, and add up to weeks', () => {
    const days = everyDay(figures.days, figures.since, figures.until)
    expect(days.map(each => [each.day.slice(8), each.turns])).toEqual([['01', 0], ['02', 200], ['03', 0], ['04', 0], ['05', 0], ['06', 0], ['07', 0]])
    expect(byWeek([...days, ...days.slice(0, 3)]).map(each => [each.day, each.turns])).toEqual([['2026-03-01', 200], ['2026-03-04', 200]])
  })

  it('are shares of a whole, with the change in words, the days, the backlog and the fixes', async () => {
    show(async () => figures)
    await vi.waitFor(() => screen.getByText('Fallback rate', { selector: 'li span' }))
    expect(share('Fallback rate').textContent).toMatch(/15%.*30 of 200 turns.*Better, down from 20%/s)
    expect(share('Net containment').textContent).toMatch(/40 of 100 sessions.*Worse, down from 50%/s)
    expect(share('Confirmed resolution').textContent).toContain('Nothing to compare with')
    expect(screen.getByRole('img', { name: '200 turns in 30 days, failed and answered' })).toBeTruthy()
    expect(screen.getByText('371')).toBeTruthy()
    const row = within(screen.getByRole('table')).getAllByRole('row')[1]!
    expect([...row.children].slice(2).map(cell => cell.textContent?.trim())).toEqual(['12.5', '0.8', '92%', '2 days', '1'])
    const card = screen.getByRole('region', { name: 'Sessions by day' })
    await fireEvent.click(within(card).getByRole('radio', { name: 'Table' }))
    expect([...within(card).getAllByRole('row')[1]!.children].map(cell => cell.textContent)).toEqual(['March 2', '100', '60', '40', '20'])
  })

  it('are explained one click away', async () => {
    show(async () => figures)
    await vi.waitFor(() => screen.getByText('Fallback rate', { selector: 'li span' }))
    const asked = within(share('Net containment')).getByRole('button', { name: 'What is “Net containment”?' })
    const panel = document.getElementById(asked.getAttribute('popovertarget')!)!
    expect(panel.textContent?.trim()).toBe('')
    await fireEvent(panel, Object.assign(new Event('toggle'), { newState: 'open' }))
    expect(panel.textContent).toContain('less the sessions whose customer came back within 7 days')
  })

  it('are of the period that is chosen, and so is the file', async () => {
    const read = vi.fn(async (_query: Record<string, unknown>) => figures)
    show(read as unknown as Review['figures'])
    await vi.waitFor(() => expect(read).toHaveBeenCalledOnce())
    await fireEvent.click(screen.getByRole('radio', { name: '7 days' }))
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(2))
    const { since, until } = read.mock.calls[1]![0] as { since: string; until: string }
    expect(Date.parse(until) - Date.parse(since)).toBeLessThanOrEqual(7 * 86_400_000)
    expect(screen.getByRole('link', { name: 'Export CSV' }).getAttribute('href')).toBe(`/api/failures/figures.csv?${new URLSearchParams({ since, until })}`)
  })

  it('say what to do when there are none, and when they fail', async () => {
    const read = vi.fn(async (): Promise<FailureFigures> => { throw refusal({ code: 'busy' }) })
    show(read)
    await vi.waitFor(() => screen.getByText('The figures didn’t load'))
    read.mockResolvedValue({ ...figures, figures: figures.figures.map(each => ({ ...each, part: 0, whole: 0, share: null })), days: [], fixes: [] })
    await fireEvent.click(screen.getByRole('button', { name: 'Retry' }))
    await vi.waitFor(() => screen.getByText('The bot answered nobody in this time'))
    expect(screen.getByText(/Nothing was fixed yet/)).toBeTruthy()
  })
})
