import { beforeEach, describe, expect, it } from 'vitest'
import { allowed } from '../../apps/console/rules/allowed'
import { eventSentence } from '../../apps/console/conversation/event_sentence'
import { learnReasons } from '../../apps/console/rules/reasons.svelte'
import { at, chat, message, START } from './fixtures'

const maya = { id: 1, name: 'Maya Lindholm', hue: 0 }
const rosa = { kind: 'agent', id: 9, name: 'Rosa Delgado', hue: 0 } as const
const said = (data: object, over: object = {}) => eventSentence(message(3, { kind: 'event', data, ...over }), 1).text

describe('the sentences of what happened', () => {
  beforeEach(() => learnReasons([{ code: 'branch', label: 'Sent to a branch', hint: '', needs_note: false, promises: false, builtin: false, archived: false }]))

  it('say in one line how the desk chose', () => {
    const data = { event: 'assigned', how: 'auto', agent: maya, policy: 'least_loaded', load: 1, limit: 5, considered: 4, waited_s: 90 }
    expect(said(data)).toBe('Assigned to you by the desk: least loaded, 1 of 5')
    expect(said({ ...data, agent: { ...maya, id: 2 } })).toBe('Assigned to Maya Lindholm by the desk: least loaded, 1 of 5')
    expect(said({ ...data, how: 'sticky', policy: 'sticky' })).toContain('you have talked before')
  })

  it('say whose order it was, and where it went', () => {
    expect(said({ event: 'assigned', how: 'reassign', agent: maya, by: rosa, over_limit: true })).toBe('Rosa Delgado assigned this chat to you, beyond your limit')
    expect(said({ event: 'moved', team: { id: 2, name: 'Cards', hue: 0 } }, { author: rosa })).toBe('Rosa Delgado moved this chat to Cards')
    expect(said({ event: 'moved', team: { id: 2, name: 'Cards', hue: 0 }, priority: 1 }, { author: rosa })).toBe('Rosa Delgado moved this chat to Cards. Priority: High')
    expect(said({ event: 'moved', priority: 2 }, { author: rosa })).toBe('Rosa Delgado changed the priority: Urgent')
  })

  it('say who wrote first', () => {
    expect(said({ event: 'assigned', how: 'follow_up', agent: maya })).toBe('You wrote first')
  })

  it('call a reason what the desk calls it, and a cause what the page calls it', () => {
    expect(said({ event: 'ended', reason: 'branch' }, { author: rosa })).toBe('Rosa Delgado ended the chat: Sent to a branch')
    expect(said({ event: 'ended', reason: 'visitor_left' })).toBe('Customer left')
  })

  it('say that somebody stopped broadcasts by a word, and what they were told', () => {
    const stopped = message(3, { kind: 'event', data: { event: 'broadcasts_stopped' }, body: 'You’ll get no more messages like that one.' })
    expect(eventSentence(stopped, 1)).toEqual({ text: 'The customer wants no more broadcasts', icon: 'megaphone', told: 'You’ll get no more messages like that one.' })
  })

  it('name the promise that an end made', () => {
    const promise = { id: 4, due_at: new Date(2026, 2, 6, 17).toISOString(), owner: maya }
    expect(said({ event: 'ended', reason: 'follow_up', promise }, { author: rosa })).toMatch(/Maya Lindholm will be in touch by Friday.*17:00$/)
  })
})

describe('what a supervisor may do beyond others', () => {
  const femis = chat({ state: 'active', owner: { id: 2, name: 'Femi', hue: 0 } })
  const agent = (permission: string) => permission === 'chat.answer'
  const supervisor = () => true
  const own = { id: 1, team_ids: [1] }

  it('is to take over, move and end what is not theirs', () => {
    expect(allowed(femis, own, supervisor, START)).toMatchObject({ takeover: true, move: true, end: true, assign: true, reply: false })
    expect(allowed(femis, own, agent, START)).toMatchObject({ takeover: false, move: false, end: false, assign: false, reply: false })
    expect(allowed(chat(), own, supervisor, START)).toMatchObject({ start: true, move: true, end: true })
    expect(allowed(chat(), own, agent, START)).toMatchObject({ start: true, move: false, end: false })
  })

  it('is not to take over what is their own already', () => {
    expect(allowed({ ...femis, owner: { id: 1, name: 'Maya', hue: 0 } }, own, supervisor, START)).toMatchObject({ takeover: false, reply: true })
  })

  it('leaves everybody who answers the follow-up of an ended chat', () => {
    const ended = chat({ state: 'ended', ended_at: at(0) })
    expect(allowed(ended, own, agent, START).followUp).toBe(true)
    expect(allowed(ended, own, () => false, START).followUp).toBe(false)
    expect(allowed(femis, own, agent, START).followUp).toBe(false)
  })
})
