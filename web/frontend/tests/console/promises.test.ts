import type { MentionPage, PromiseOut } from '#shared/wire.gen'
import { describe, expect, it, vi } from 'vitest'
import { Desk } from '../../apps/console/data/desk.svelte'
import { inMentionOrder, Mentions } from '../../apps/console/data/mentions.svelte'
import { Promises } from '../../apps/console/data/promises.svelte'
import { asLocalInput, distance, fromLocalInput, inPromiseOrder, urgency } from '../../apps/console/rules/promises'
import { at, me, message, START } from './fixtures'
import { standInServer } from './stand_ins'

const maya = { id: 1, name: 'Maya Lindholm', hue: 340 }
const femi = { id: 2, name: 'Femi Adebayo', hue: 25 }
const HOUR = 3600

const promise = (over: Partial<PromiseOut> = {}): PromiseOut => ({
  id: 1, kind: 'follow_up', state: 'open', chat_id: 9, session_id: 4,
  customer: { id: 7, name: 'Adaeze Okonkwo', hue: 262, verified: true, online: false, blocked: false },
  subject: 'Money to the wrong account', owner: maya, due_at: at(HOUR), note: '', made_by: maya, made_at: at(0), settled_at: null,
  settled_note: '', kept_chat_id: null, ...over
})

describe('promises', () => {
  const all = [
    promise({ id: 1, due_at: at(5 * HOUR) }), promise({ id: 2, due_at: at(-HOUR) }), promise({ id: 3, due_at: at(HOUR), owner: femi }),
    promise({ id: 4, state: 'kept', settled_at: at(10) }), promise({ id: 5, state: 'cancelled', settled_at: at(20) })
  ]
  const ids = (promises: PromiseOut[]) => promises.map(each => each.id)

  it('stand with the first due on top, the settled ones with the newest', () => {
    expect(ids(inPromiseOrder(all, { scope: 'mine', state: 'open' }, 1))).toEqual([2, 1])
    expect(ids(inPromiseOrder(all, { scope: 'all', state: 'open' }, 1))).toEqual([2, 3, 1])
    expect(ids(inPromiseOrder(all, { scope: 'mine', state: 'settled' }, 1))).toEqual([5, 4])
  })

  it('press when they are due soon, and more when they are late', () => {
    expect(urgency(promise({ due_at: at(2 * HOUR) }), START, HOUR)).toBe('later')
    expect(urgency(promise({ due_at: at(HOUR) }), START, HOUR)).toBe('soon')
    expect(urgency(promise({ due_at: at(0) }), START, HOUR)).toBe('soon')
    expect(urgency(promise({ due_at: at(-1) }), START, HOUR)).toBe('overdue')
  })

  it('run by the second in their last hour, and say the largest unit before it', () => {
    expect(distance(promise({ due_at: at(754) }), START, 'en')).toBe('12:34')
    expect(distance(promise({ due_at: at(-754) }), START, 'en')).toBe('12:34')
    expect(distance(promise({ due_at: at(5 * HOUR) }), START, 'en')).toBe('5 hr')
  })

  it('take the moment of a field in this machine’s zone, and nothing that is none', () => {
    expect(fromLocalInput(asLocalInput(at(0)))).toBe(at(0))
    expect(fromLocalInput('')).toBeNull()
    expect(fromLocalInput('tomorrow')).toBeNull()
  })

  it('are counted by the server until they are all here, and live from then on', async () => {
    const items = [promise({ id: 1, due_at: at(-HOUR) }), promise({ id: 2, due_at: at(5 * HOUR) })]
    const server = standInServer([], { promises: async () => ({ items, total: 2, next: null }) })
    const promises = new Promises(new Desk(me(), server), server)
    promises.heed({ promises: 7 })
    expect(promises.pressing(START)).toBe(7)
    await promises.load()
    expect(promises.pressing(START)).toBe(1)
    promises.hear(promise({ id: 2, due_at: at(60) }))
    expect(promises.pressing(START)).toBe(2)
    promises.hear(promise({ id: 1, state: 'kept', settled_at: at(1) }))
    expect(ids(promises.items)).toEqual([2])
    promises.hear(promise({ id: 2, owner: femi }))
    expect(promises.items).toEqual([])
  })

  it('that went elsewhere unheard are gone after the next look', async () => {
    const items = [promise({ id: 1 }), promise({ id: 2 })]
    const server = standInServer([], { promises: async () => ({ items: [...items], total: items.length, next: null }) })
    const promises = new Promises(new Desk(me(), server), server)
    await promises.load()
    items.pop()
    await promises.load()
    expect(ids(promises.items)).toEqual([1])
  })
})

describe('mentions', () => {
  const mention = (id: number, seen: boolean, chatId = 1) => ({
    id, chat_id: chatId, customer: promise().customer, message: message(id, { kind: 'note' }), team_name: null, seen, created_at: at(id)
  })

  it('stand with those not seen on top', () => {
    expect(inMentionOrder([mention(1, false), mention(3, true), mention(2, false)]).map(each => each.id)).toEqual([2, 1, 3])
  })

  it('are seen with the chat they are in, and the rest stays', async () => {
    const seeMentions = vi.fn(async () => undefined)
    const items = [mention(3, false, 5), mention(2, false, 6), mention(1, true, 5)]
    const mentions = new Mentions(standInServer([], { mentions: async () => ({ items, unseen: 2, more: false }), seeMentions }))
    mentions.heed({ mentions: 2 })
    await mentions.seeChat(5)
    expect(seeMentions).toHaveBeenCalledWith([3])
    expect(mentions.unseen).toBe(1)
    await mentions.seeAll()
    expect(seeMentions).toHaveBeenLastCalledWith([])
    expect(mentions.items.every(each => each.seen)).toBe(true)
  })

  it('are not asked for where there are none', async () => {
    const list = vi.fn()
    await new Mentions(standInServer([], { mentions: list })).seeChat(5)
    expect(list).not.toHaveBeenCalled()
  })

  it('say what the last answer says, whichever comes last', async () => {
    const answers: ((page: MentionPage) => void)[] = []
    const mentions = new Mentions(standInServer([], { mentions: () => new Promise(resolve => answers.push(resolve)) }))
    const first = mentions.load()
    mentions.named()
    answers[1]!({ items: [mention(9, false)], unseen: 1, more: false })
    answers[0]!({ items: [], unseen: 0, more: false })
    await first
    await vi.waitFor(() => expect(mentions.busy).toBe(false))
    expect([mentions.items.map(each => each.id), mentions.unseen]).toEqual([[9], 1])
  })
})
