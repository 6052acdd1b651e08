import { Toasts } from '#shared/kit/toasts.svelte'
import type { ChatOut } from '#shared/wire.gen'
import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { tick, type Component } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import { eventSentence } from '../../apps/console/conversation/event_sentence'
import { Actions } from '../../apps/console/data/actions.svelte'
import { FADE_MS } from '../../apps/console/data/inbox.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { sentenceOf } from '../../apps/console/data/problem'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Server } from '../../apps/console/data/server'
import type { Session } from '../../apps/console/data/session.svelte'
import EndDialog from '../../apps/console/dialogs/EndDialog.svelte'
import EscalateDialog from '../../apps/console/escalations/EscalateDialog.svelte'
import EscalationBar from '../../apps/console/escalations/EscalationBar.svelte'
import Hands from '../../apps/console/escalations/Hands.svelte'
import OfferCard from '../../apps/console/escalations/OfferCard.svelte'
import OffersDialog from '../../apps/console/escalations/OffersDialog.svelte'
import { PAUSE_MS, Preview } from '../../apps/console/escalations/preview.svelte'
import RejectDialog from '../../apps/console/escalations/RejectDialog.svelte'
import { allowed } from '../../apps/console/rules/allowed'
import { BUILTIN } from '../../apps/console/rules/ending'
import { byDue, noteProblem, secondsToAccept, takeable, urgencyOf } from '../../apps/console/rules/escalating'
import { belongs } from '../../apps/console/rules/lists'
import { cards, escalated, femi, maya, offer, targets, tom } from './escalation_fixtures'
import Framed from './Framed.svelte'
import { agent, at, chat, me, message, START } from './fixtures'
import { refusal, standInConsole } from './stand_ins'

const mine = chat({ id: 1, state: 'active', owner: maya })

function desk(chats: ChatOut[], server: Partial<Server> = {}, permissions = me().permissions) {
  const socket = standInConsole(chats, { server, me: me({ permissions }) })
  const toasts = new Toasts()
  const goToMine = vi.fn()
  const actions = new Actions(socket.console, toasts, goToMine)
  const frame: Frame = { session: {} as Session, console: socket.console, actions, toasts, layers: new Layers(), selection: new Selection() }
  const show = (Dialog: unknown, given: Record<string, unknown>) =>
    render(Framed, { props: { frame, screen: Dialog as Component<Record<string, unknown>>, given: { onclose: vi.fn(), ...given } } })
  return { ...socket, toasts, actions, goToMine, show }
}

beforeEach(() => {
  localStorage.clear()
  vi.useFakeTimers({ now: START, shouldAdvanceTime: true })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('an offer', () => {
  const taker = { id: 1, team_ids: [1], supervises: false }

  it('is for its agent, its team or the supervisors, and for nobody else', () => {
    expect(takeable(escalated(), taker)).toBe(true)
    expect(takeable(escalated(), { ...taker, team_ids: [2] })).toBe(false)
    expect(takeable(escalated({ team: null, agent: maya }), { ...taker, team_ids: [] })).toBe(true)
    expect(takeable(escalated({ team: null, agent: tom }), taker)).toBe(false)
    expect(takeable(escalated({ team: null, supervisors: true }), taker)).toBe(false)
    expect(takeable(escalated({ team: null, supervisors: true }), { ...taker, supervises: true })).toBe(true)
  })

  it('is not for who had the chat, nor for who has said no', () => {
    expect(takeable(escalated({ origin: maya }), taker)).toBe(false)
    expect(takeable(escalated({ declined: [{ agent: maya, reason: 'no_time', note: 'Busy', at: at(9) }] }), taker)).toBe(false)
    expect(takeable(escalated({ declined: [{ agent: tom, reason: 'no_time', note: 'Busy', at: at(9) }] }), taker)).toBe(true)
    expect(takeable({ ...escalated(), state: 'active' }, taker)).toBe(false)
    expect(takeable(mine, taker)).toBe(false)
  })

  it('stands in the list of who may take it, the next to fall due first', () => {
    const reader = { agent: agent(), readsAll: false, supervises: false }
    expect(belongs('escalations', escalated(), reader)).toBe(true)
    expect(belongs('mine', escalated(), reader)).toBe(false)
    expect(belongs('mine', escalated({ origin: maya }, { owner: maya }), reader)).toBe(true)
    const three = [escalated({ due_at: at(300) }, { id: 1 }), escalated({ due_at: at(60) }, { id: 2 }), escalated({ due_at: at(300) }, { id: 3 })]
    expect(three.toSorted(byDue).map(each => each.id)).toEqual([2, 1, 3])
  })

  it('presses more the less of its time is left', () => {
    expect(urgencyOf(offer(), START)).toBe('neutral')
    expect(urgencyOf(offer(), START + 60_000)).toBe('warn')
    expect(urgencyOf(offer(), START + 96_000)).toBe('bad')
    expect(secondsToAccept(offer(), START + 119_200)).toBe(1)
    expect(secondsToAccept(offer(), START + 500_000)).toBe(0)
  })

  it('lets the owner ask and take back, the target answer, and a supervisor take it back too', () => {
    const answers = (permission: string) => permission === 'chat.answer'
    const own = { id: 1, team_ids: [1] }
    expect(allowed(mine, own, answers, START)).toMatchObject({ escalate: true, accept: false, cancel: false })
    expect(allowed(escalated({ origin: maya }, { owner: maya }), own, answers, START)).toMatchObject({ escalate: false, accept: false, cancel: true, reply: true })
    expect(allowed(escalated(), own, answers, START)).toMatchObject({ escalate: false, accept: true, cancel: false, reply: false, note: true })
    expect(allowed(escalated(), { ...own, team_ids: [] }, () => true, START)).toMatchObject({ accept: false, cancel: true })
  })

  it('asks for words', () => {
    expect([noteProblem('  '), noteProblem(' ab '), noteProblem('abc'), noteProblem('a'.repeat(2001)), noteProblem('a'.repeat(501), 500)])
      .toEqual(['note_missing', 'note_short', null, 'note_long', 'note_long'])
  })
})

describe('the list of escalations', () => {
  it('takes in what is told, and lets go with the name of who took it', async () => {
    const { console, tell } = desk([])
    await console.load()
    const list = console.inbox.escalations
    tell('chat:changed', escalated())
    expect(list.arrange().shown).toEqual([1])
    tell('chat:changed', { ...escalated(), version: 2, state: 'active', owner: tom, escalation: null })
    expect(list.arrange().shown).toEqual([1])
    expect(list.kept.get(1)?.takenBy).toBe('Tom Ashworth')
    await vi.advanceTimersByTimeAsync(FADE_MS)
    expect(list.arrange().shown).toEqual([])
  })

  it('says of one that was taken back only that it is closed', async () => {
    const { console, tell } = desk([escalated()])
    await console.load()
    console.inbox.escalations.arrange()
    tell('chat:changed', { ...escalated(), version: 2, state: 'active', escalation: null })
    expect(console.inbox.escalations.kept.get(1)?.takenBy).toBeNull()
  })

  it('does not keep what this agent has said no to', async () => {
    const { console, tell } = desk([escalated()])
    await console.load()
    console.inbox.escalations.arrange()
    tell('chat:changed', { ...escalated({ declined: [{ agent: maya, reason: 'no_time', note: 'Busy', at: at(1) }] }), version: 2 })
    expect(console.inbox.escalations.arrange().shown).toEqual([])
  })
})

describe('accepting', () => {
  it('opens the chat, which is one’s own then', async () => {
    const accept = vi.fn(async () => ({ ...escalated(), version: 2, state: 'active' as const, owner: maya, escalation: null }))
    const { console, actions, goToMine } = desk([escalated()], { accept })
    await console.load()
    await actions.accept(escalated())
    expect(goToMine).toHaveBeenCalledWith(1)
    expect(console.inbox.mine.all.map(each => each.id)).toEqual([1])
  })

  it('too late says why, and the row goes', async () => {
    const { console, actions, goToMine } = desk([escalated()], { accept: async () => { throw refusal({ code: 'offer_closed', how: 'timed_out' }) } })
    await console.load()
    console.inbox.escalations.arrange()
    await actions.accept(escalated())
    expect(goToMine).not.toHaveBeenCalled()
    expect(console.inbox.escalations.kept.get(1)?.takenBy).toBeNull()
    expect(sentenceOf({ code: 'offer_closed', how: 'timed_out', message: '' })).toBe('The time to accept it is over.')
    expect(sentenceOf({ code: 'offer_closed', how: 'unheard_of', message: 'As the server says.' })).toBe('As the server says.')
  })

  it('needs room for what is offered to a team, and none for what is kept for oneself', async () => {
    const accept = vi.fn(async () => mine)
    const { console, actions } = desk([escalated({ team: null, agent: maya })], { accept })
    await console.load()
    console.desk.hearPresence({ ...console.desk.me, limit: 1 })
    expect(actions.load).toBe(1)
    expect(actions.obstacle).toBe('full')
    expect(actions.obstacleTo(escalated({ team: null, agent: maya }))).toBeNull()
    expect(actions.obstacleTo(escalated())).toBe('full')
    console.desk.hearPresence({ ...console.desk.me, status: 'away' })
    expect(actions.obstacleTo(escalated({ team: null, agent: maya }))).toBe('away')
  })
})

describe('the dialog to escalate', () => {
  const previewEscalation = vi.fn(async () => ({ body: 'Maya is passing your chat on.', expected_at: at(1800) }))
  const server = (over: Partial<Server> = {}): Partial<Server> => ({ escalationTargets: async () => targets, previewEscalation, ...over })

  async function open(over: Partial<Server> = {}) {
    const escalate = vi.fn(async (_: number, body: object) => ({ ...mine, version: 2, state: 'escalated' as const, body }))
    const all = desk([mine], server({ escalate: escalate as unknown as Server['escalate'], ...over }))
    await all.console.load()
    all.show(EscalateDialog, { chat: mine })
    await vi.waitFor(() => screen.getByRole('option', { name: /Payments/ }))
    return { ...all, escalate }
  }
  const choose = async (name: string) => {
    const field = screen.getByRole('combobox', { name: 'Find a team or a person' })
    await fireEvent.input(field, { target: { value: name } })
    await fireEvent.keyDown(field, { key: 'Enter' })
    await tick()
  }
  const press = (name: string) => fireEvent.click(screen.getByRole('button', { name: new RegExp(`^${name}`) }))

  it('lists who cannot be asked, with the reason', async () => {
    await open()
    const option = (name: string) => screen.getByRole('option', { name: new RegExp(name) })
    expect(option('Priya Raman').getAttribute('aria-disabled')).toBe('true')
    expect(option('Priya Raman').textContent).toContain('Not online')
    expect(option('Mateusz').textContent).toContain('At their limit of 5')
    expect(option('Loans').textContent).toContain('Nobody is in this team')
    expect(option('Cards').getAttribute('aria-disabled')).toBeNull()
    expect(option('Cards').textContent).toContain('Nobody free now')
    await choose('Priya')
    expect(screen.queryByRole('button', { name: 'Change' })).toBeNull()
  })

  it('asks for whom and why, and proposes the team’s time', async () => {
    const { escalate } = await open()
    await press('Escalate')
    expect(screen.getByText('Choose a team or a person.')).toBeTruthy()
    expect(screen.getByText('Say what is wrong and what you tried.')).toBeTruthy()
    await choose('Payments')
    await fireEvent.input(screen.getByLabelText(/What is wrong/), { target: { value: '  Debited twice.  ' } })
    await press('Escalate')
    await vi.waitFor(() => expect(escalate).toHaveBeenCalled())
    expect(escalate).toHaveBeenCalledWith(1, { team_id: 1, note: 'Debited twice.', expected_at: new Date(START + 1800_000).toISOString() })
  })

  it('shows what the customer will read, for the last choice', async () => {
    await open()
    await choose('Tom')
    await vi.advanceTimersByTimeAsync(PAUSE_MS)
    expect(previewEscalation).toHaveBeenLastCalledWith(1, { agent_id: 3, expected_at: null }, expect.anything())
    expect(screen.getByText('Maya is passing your chat on.')).toBeTruthy()
    // The desk’s own proposal, in whose open hours it may be later.
    expect(new Date(screen.getByLabelText<HTMLInputElement>(/Answer expected by/).value).toISOString()).toBe(new Date(START + 1800_000).toISOString())
  })

  it('keeps a time chosen by hand when another is asked', async () => {
    const { escalate } = await open()
    await choose('Payments')
    await press('In 2 hours')
    await press('Change')
    await choose('Tom')
    await fireEvent.input(screen.getByLabelText(/What is wrong/), { target: { value: 'Debited twice.' } })
    await press('Escalate')
    await vi.waitFor(() => expect(escalate).toHaveBeenCalledWith(1, expect.objectContaining({ agent_id: 3, expected_at: new Date(START + 7200_000).toISOString() })))
  })

  it('escalates to a team where nobody is free only by a button that says so', async () => {
    const { escalate } = await open()
    await choose('Cards')
    expect(screen.getByText('Nobody in Cards can take it now.')).toBeTruthy()
    await fireEvent.input(screen.getByLabelText(/What is wrong/), { target: { value: 'Debited twice.' } })
    await press('Escalate anyway')
    await vi.waitFor(() => expect(escalate).toHaveBeenCalledWith(1, expect.objectContaining({ team_id: 2, anyway: true })))
  })

  it('keeps the words when it is refused, and offers to insist', async () => {
    const escalate = vi.fn(async () => { throw refusal({ code: 'no_agents' }) })
    await open({ escalate })
    await choose('Payments')
    await fireEvent.input(screen.getByLabelText(/What is wrong/), { target: { value: 'Debited twice.' } })
    await press('Escalate')
    await vi.waitFor(() => screen.getByText('Nobody in Payments can take it now.'))
    expect(screen.getByLabelText<HTMLTextAreaElement>(/What is wrong/).value).toBe('Debited twice.')
    expect(screen.getByRole('button', { name: /^Escalate anyway/ })).toBeTruthy()
    escalate.mockImplementation(async () => { throw refusal({ code: 'target_offline' }) })
    await press('Escalate anyway')
    await vi.waitFor(() => screen.getByText('They have just gone. Choose somebody else.'))
    expect(screen.getByLabelText<HTMLTextAreaElement>(/What is wrong/).value).toBe('Debited twice.')
  })

  it('promises no moment that has passed', async () => {
    const { escalate } = await open()
    await choose('Payments')
    await fireEvent.input(screen.getByLabelText(/What is wrong/), { target: { value: 'Debited twice.' } })
    await fireEvent.input(screen.getByLabelText(/Answer expected by/), { target: { value: '2020-01-01T10:00' } })
    await press('Escalate')
    expect(screen.getByText('This time has passed. Choose a later one.')).toBeTruthy()
    expect(escalate).not.toHaveBeenCalled()
  })
})

describe('a preview', () => {
  it('of two answers shows the one that was asked for last', async () => {
    const answers: ((body: string) => void)[] = []
    const preview = new Preview<number>((_, signal) => new Promise((done, fail) => {
      answers.push(body => done({ body, expected_at: at(0) }))
      signal.addEventListener('abort', () => fail(new Error('aborted')))
    }))
    preview.ask(1)
    await vi.advanceTimersByTimeAsync(PAUSE_MS)
    preview.ask(2)
    await vi.advanceTimersByTimeAsync(PAUSE_MS)
    answers[1]!('the second')
    answers[0]!('the first')
    await vi.advanceTimersByTimeAsync(0)
    expect([preview.state, preview.body]).toEqual(['ready', 'the second'])
  })
})

describe('the dialog to reject', () => {
  async function open(reject = vi.fn(async () => mine)) {
    const all = desk([escalated()], { reject })
    await all.console.load()
    all.show(RejectDialog, { chat: escalated() })
    return { ...all, reject }
  }
  const submit = () => fireEvent.click(screen.getByRole('button', { name: /^Reject/ }))

  it('wants a reason and words, and takes the reason by its key', async () => {
    const { reject } = await open()
    await submit()
    expect(screen.getByText('Choose a reason.')).toBeTruthy()
    expect(screen.getByText('Say why in 3 to 500 characters.')).toBeTruthy()
    await fireEvent.keyDown(window, { key: '2' })
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /Something is missing/ }).checked).toBe(true)
    await fireEvent.input(screen.getByLabelText(/In your words/), { target: { value: ' Which statement? ' } })
    await submit()
    await vi.waitFor(() => expect(reject).toHaveBeenCalledWith(1, { reason: 'missing_facts', note: 'Which statement?' }))
  })

  it('says when somebody was faster, and keeps the words', async () => {
    await open(vi.fn(async () => { throw refusal({ code: 'offer_closed', how: 'accepted' }) }))
    await fireEvent.keyDown(window, { key: '3' })
    await fireEvent.input(screen.getByLabelText(/In your words/), { target: { value: 'On another case' } })
    await submit()
    await vi.waitFor(() => screen.getByText('Somebody has just accepted it.'))
    expect(screen.getByLabelText<HTMLTextAreaElement>(/In your words/).value).toBe('On another case')
  })
})

describe('a row of the list', () => {
  it('has the note, the way, the time left, and the two answers', async () => {
    const [onaccept, onreject] = [vi.fn(), vi.fn()]
    render(OfferCard, { chat: escalated({}, { tags: [{ id: 1, name: 'Refund', hue: 160 }] }), offer: offer(), href: '/inbox/escalations/1', onaccept, onreject })
    expect(screen.getByText('Debited twice. I checked both statements.')).toBeTruthy()
    expect(screen.getByText('Femi Adebayo')).toBeTruthy()
    expect(screen.getByText('Payments')).toBeTruthy()
    expect(screen.getByText('Refund')).toBeTruthy()
    expect(screen.getByText(/^2:00 left$/)).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: 'Accept Adaeze Okonkwo' }))
    await fireEvent.click(screen.getByRole('button', { name: /^Reject… / }))
    expect([onaccept.mock.calls.length, onreject.mock.calls.length]).toEqual([1, 1])
  })

  it('that was lost says to whom, and offers nothing', () => {
    render(OfferCard, { chat: escalated(), offer: offer(), href: '/x', takenBy: 'Tom Ashworth', onaccept: vi.fn(), onreject: vi.fn() })
    expect(screen.getByText('Tom Ashworth took this chat')).toBeTruthy()
    expect(screen.queryByRole('button')).toBeNull()
  })
})

describe('the bar of a pending offer', () => {
  it('tells its origin who has looked and who has said no, and is taken back by one press', async () => {
    const oncancel = vi.fn()
    render(EscalationBar, {
      offer: offer({ origin: maya, looked: [tom, femi], declined: [{ agent: tom, reason: 'no_time', note: 'Busy', at: at(1) }] }), myId: 1, cancels: true, oncancel
    })
    const bar = screen.getByRole('region', { name: 'Escalated to Payments' })
    expect(bar.textContent).toContain('Tom Ashworth and Femi Adebayo have looked')
    expect(bar.textContent).toContain('Tom Ashworth said no')
    expect(bar.textContent).not.toContain('Debited twice')
    await fireEvent.click(within(bar).getByRole('button', { name: 'Cancel escalation' }))
    expect(oncancel).toHaveBeenCalledWith(null)
  })

  it('shows who may take it what is asked, and both answers', async () => {
    const onaccept = vi.fn()
    render(EscalationBar, { offer: offer({ team: null, agent: maya }), myId: 1, takes: true, onaccept })
    expect(screen.getByText('Femi Adebayo asks you to take this chat')).toBeTruthy()
    expect(screen.getByText('Debited twice. I checked both statements.')).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: 'Accept' }))
    expect(onaccept).toHaveBeenCalled()
    expect(screen.queryByRole('button', { name: 'Cancel escalation' })).toBeNull()
  })

  it('says why it cannot be accepted now', async () => {
    const onaccept = vi.fn()
    render(EscalationBar, { offer: offer(), myId: 1, takes: true, hindrance: 'You are at your limit.', onaccept })
    await fireEvent.click(screen.getByRole('button', { name: /Accept/ }))
    expect(onaccept).not.toHaveBeenCalled()
  })
})

describe('ending while an offer is pending', () => {
  it('wants to be confirmed once more', async () => {
    const onend = vi.fn()
    render(EndDialog, {
      chat: mine, reasons: BUILTIN, people: [agent()], myId: 1, promiseS: 3600, mailTo: null, suggested: 'resolved' as const, asked: 'Payments', onend, onclose: vi.fn()
    })
    expect(screen.getByText('This chat is escalated to Payments.')).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(onend).not.toHaveBeenCalled()
    expect(screen.getByText('Confirm that the escalation may end with the chat.')).toBeTruthy()
    await fireEvent.click(screen.getByLabelText('End it all the same'))
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(onend).toHaveBeenCalledWith({ reason: 'resolved' }, null)
  })
})

describe('the story of a chat’s escalations', () => {
  it('names each offer, its end and the reasons', async () => {
    const all = desk([mine], {
      escalations: async () => ({
        items: [
          offer({ id: 2, state: 'accepted', team: cards, decided_at: at(90), decided_by: tom }),
          offer({ id: 1, state: 'rejected', decided_at: at(30), decided_by: tom, reason: 'wrong_team', reason_note: 'This is about cards.', declined: [{ agent: tom, reason: 'wrong_team', note: 'This is about cards.', at: at(30) }] })
        ]
      })
    })
    all.show(OffersDialog, { chat: mine })
    await vi.waitFor(() => expect(screen.getAllByRole('article')).toHaveLength(2))
    const [newest, first] = screen.getAllByRole('article')
    expect(newest!.textContent).toContain('Cards')
    expect(newest!.textContent).toMatch(/Accepted by Tom Ashworth\s+after 1 min/)
    expect(first!.textContent).toContain('Tom Ashworth said no')
    expect(first!.textContent).toContain('Wrong team: This is about cards.')
  })

  it('is one line of hands, with the way to the rest', async () => {
    const onoffers = vi.fn()
    render(Hands, {
      hands: [
        { kind: 'owner', how: 'pick', agent: maya, team: null, at: at(0) },
        { kind: 'offer', how: 'rejected', agent: null, team: cards, at: at(60) },
        { kind: 'offer', how: 'timed_out', agent: null, team: null, at: at(90) },
        { kind: 'owner', how: 'escalation', agent: tom, team: null, at: at(120) }
      ],
      onoffers
    })
    expect(screen.getAllByRole('listitem').map(each => each.textContent?.trim())).toEqual([
      expect.stringContaining('Maya Lindholm'), expect.stringContaining('Cards, rejected'), expect.stringContaining('Supervisors, timed out'), expect.stringContaining('Tom Ashworth')
    ])
    await fireEvent.click(screen.getByRole('button', { name: 'All escalations' }))
    expect(onoffers).toHaveBeenCalled()
  })
})

describe('what the log says of it', () => {
  const said = (data: object, over: object = {}) => eventSentence(message(3, { kind: 'event', data, body: '', pub_seq: null, ...over }), 1)

  it('names who asked whom, and what the customer reads', () => {
    const author = (who: { id: number; name: string }) => ({ author: { kind: 'agent', hue: 0, id: who.id, name: who.name } })
    const told = said({ event: 'escalated', agent: maya, target: 'Cards', expected_at: at(3600), escalation_id: 9 }, { body: 'Maya is passing your chat on.', pub_seq: 3, ...author(maya) })
    expect(told.text).toMatch(/^You escalated this chat to Cards, answer expected by Monday.*\d\d:\d\d$/)
    expect(told.told).toBe('Maya is passing your chat on.')
    expect(said({ event: 'escalated', agent: maya, target: 'Cards', expected_at: at(3600) }, author(femi)).text).toMatch(/^Femi Adebayo escalated this chat to Cards/)
  })

  it('names who answered, and why', () => {
    expect(said({ event: 'escalation_rejected', agent: tom, reason: 'wrong_team', note: 'Cards can.' }).text).toBe('Tom Ashworth rejected the escalation: Wrong team. “Cards can.”')
    expect(said({ event: 'escalation_declined', agent: maya, reason: 'no_time', note: 'Busy' }).text).toBe('You can’t take the escalation: No time. “Busy”')
    expect(said({ event: 'assigned', how: 'escalation', agent: tom }).text).toBe('Tom Ashworth accepted the escalation and has this chat now')
    expect(said({ event: 'escalation_cancelled', agent: maya }, { author: { kind: 'agent', ...femi } }).text).toBe('Femi Adebayo cancelled the escalation')
  })

  it('says what the desk did by itself', () => {
    expect(said({ event: 'escalation_timed_out' }).text).toBe('Nobody accepted the escalation in time')
    expect(said({ event: 'escalation_moved_on', target: 'Supervisors' }).text).toBe('Nobody has accepted yet. Asked now: Supervisors')
    expect(said({ event: 'queued', how: 'escalation_timed_out', team: cards }).text).toBe('Back in the queue: nobody accepted the escalation in time')
    expect(said({ event: 'promise_extended', expected_at: at(3600) }, { author: { kind: 'agent', ...maya } }).text).toMatch(/^You told the customer a new time: Monday/)
  })
})
