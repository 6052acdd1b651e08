import type { ChatDetail, ChatOut, MessageOut, PromiseOut, SessionStretch, Timeline } from '#shared/wire.gen'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { TimelinePlace } from '../../apps/console/data/archive'
import { Reading } from '../../apps/console/data/reading.svelte'
import { handOver, takeOver } from '../../apps/console/history/turning'
import { joined, lateUntil, stretches } from '../../apps/console/rules/reading'
import { at, chat, customer, message } from './fixtures'
import { refusal } from './stand_ins'

const first = chat({ id: 1, session_id: 10, state: 'ended', ended_at: at(100) })
const second = chat({ id: 2, session_id: 10, state: 'ended', created_at: at(200), ended_at: at(300) })
const other = chat({ id: 3, session_id: 20, state: 'ended', created_at: at(90_000), ended_at: at(90_300) })
const session = (id: number, chats: ChatOut[], promises: PromiseOut[] = []): SessionStretch => ({ id, subject: '', created_at: chats[0]!.created_at, chats, promises })
const said = (id: number, chat_id: number, seconds: number, over: Partial<MessageOut> = {}) => message(id, { chat_id, created_at: at(seconds), ...over })
const ended = (id: number, chat_id: number, seconds: number) => said(id, chat_id, seconds, { kind: 'event', data: { event: 'ended' } })
const promise = (over: Partial<PromiseOut> = {}): PromiseOut => ({
  id: 4, kind: 'follow_up', state: 'open', chat_id: 1, session_id: 10, customer: first.customer, subject: '', owner: { id: 1, name: 'Maya Lindholm', hue: 340 },
  due_at: at(5_000), note: '', made_by: null, made_at: at(100), settled_at: null, settled_note: '', kept_chat_id: null, ...over
})
const items = [said(1, 1, 10), said(2, 1, 20), ended(3, 1, 100), said(4, 2, 210), ended(5, 2, 300), said(6, 3, 90_010)]
const sessions = [session(10, [first, second], [promise()]), session(20, [other])]

describe('stretches', () => {
  it('lie under one heading for each session of a customer, or for each chat of one session', () => {
    const rail = stretches({ items, sessions, older: false }, 'session')
    expect(rail.map(each => [each.session.id, each.entries.length])).toEqual([[10, 6], [20, 1]])
    expect(stretches({ items: items.slice(0, 5), sessions, older: false }, 'chat').map(each => each.chat.id)).toEqual([1, 2])
  })

  it('have another heading where two sessions go on side by side', () => {
    const mixed = [said(1, 1, 10), said(2, 3, 20), said(3, 1, 30)]
    expect(stretches({ items: mixed, sessions, older: false }, 'session').map(each => each.session.id)).toEqual([10, 20, 10])
  })

  it('show an end in its place, and a promise behind what was said when it was made', () => {
    const [stretch] = stretches({ items, sessions, older: false }, 'session')
    expect(stretch!.entries.map(each => each.type)).toEqual(['bubble', 'bubble', 'end', 'promise', 'bubble', 'end'])
  })

  it('show no promise that belongs to entries which are not here', () => {
    const late = [said(4, 2, 210)]
    const made = promise({ chat_id: 2, made_at: at(205) })
    const of = (older: boolean) => stretches({ items: late, sessions: [session(10, [first, second], [made])], older }, 'chat')[0]!.entries.map(each => each.type)
    expect(of(true)).toEqual(['bubble'])
    expect(of(false)).toEqual(['bubble', 'promise'])
  })

  it('name each day but the first, which the heading names', () => {
    const [stretch] = stretches({ items: [said(1, 1, 0), said(2, 1, 100_000)], sessions: [session(10, [first])], older: false }, 'session')
    expect(stretch!.entries.map(each => each.type)).toEqual(['bubble', 'day', 'bubble'])
  })

  it('leave out an entry whose chat is not known', () => {
    expect(stretches({ items: [said(1, 99, 0)], sessions, older: false }, 'session')).toEqual([])
  })
})

it('joins pages in order, with no entry twice', () => {
  expect(joined([said(4, 1, 40)], [said(3, 1, 30), said(4, 1, 40)]).map(each => each.id)).toEqual([3, 4])
})

it('takes notes and tags for 72 hours after the end', () => {
  expect(lateUntil({ ended_at: at(0) })!.toISOString()).toBe(at(72 * 3600))
  expect(lateUntil({ ended_at: null })).toBeNull()
})

it('hands the spot from one way of reading to the other, once, and only to the chat it lies in', () => {
  const spot = { message: 5, chat: 2, offset: 12 }
  handOver(spot)
  expect(takeOver(2)).toEqual(spot)
  expect(takeOver(2)).toBeNull()
  handOver(spot)
  expect(takeOver(3)).toBeNull()
})

describe('a chat being read', () => {
  const detail: ChatDetail = {
    chat: first, customer, messages: { messages: items.slice(0, 3), head: 3, more: false }, earlier: [], sessions: [], allowed: [],
    drafts: { reply: '', note: '' }, viewers: [], hands: []
  }
  const page = (over: Partial<Timeline> = {}): Timeline => ({
    customer: first.customer, sessions, sessions_total: 2, since: at(0), items, older: false, newer: false, ...over
  })
  let timeline: ReturnType<typeof vi.fn<(of: 'session' | 'customer', id: number, where: TimelinePlace) => Promise<Timeline>>>
  const reading = (how: 'session' | 'chronological' = 'session') => new Reading(1, how, { chat: async () => detail }, { timeline })
  beforeEach(() => {
    timeline = vi.fn(async () => page())
  })

  it('opens its session at its end, or all of the customer’s at a message', async () => {
    await reading().load(null)
    expect(timeline).toHaveBeenLastCalledWith('session', 10, { around: 3, limit: 60 })
    await reading('chronological').load(2)
    expect(timeline).toHaveBeenLastCalledWith('customer', 7, { around: 2, limit: 60 })
  })

  it('opens at the end, and says so, where the message is not there any more', async () => {
    timeline.mockRejectedValueOnce(refusal({ code: 'not_found' }))
    const open = reading()
    await open.load(999)
    expect([open.state, open.lost, open.mark]).toEqual(['ready', true, 3])
  })

  it('fetches older and newer entries from its edges, and what failed again', async () => {
    timeline.mockResolvedValueOnce(page({ items: items.slice(2, 4), older: true, newer: true }))
    const open = reading()
    await open.load(null)
    timeline.mockRejectedValueOnce(refusal({ code: 'busy' }))
    await open.loadOlder()
    expect(open.older).toBe('failed')
    timeline.mockResolvedValueOnce(page({ items: items.slice(0, 2) }))
    await open.loadOlder()
    expect(timeline).toHaveBeenLastCalledWith('session', 10, { before: 3, limit: 50 })
    timeline.mockResolvedValueOnce(page({ items: items.slice(4) }))
    await open.loadNewer()
    expect(timeline).toHaveBeenLastCalledWith('session', 10, { after: 4, limit: 50 })
    expect(open.items.map(each => each.id)).toEqual([1, 2, 3, 4, 5, 6])
    expect([open.older, open.newer]).toEqual(['none', 'none'])
  })

  it('shows nothing of a customer who is erased while they are read', async () => {
    timeline.mockResolvedValueOnce(page({ older: true }))
    const open = reading('chronological')
    await open.load(null)
    timeline.mockRejectedValueOnce(refusal({ code: 'not_found' }))
    await open.loadOlder()
    expect([open.state, open.items]).toEqual(['missing', []])
  })

  it('hears what is added to its chats, and to no others', async () => {
    const open = reading()
    await open.load(null)
    open.hear(said(7, 1, 95_000, { kind: 'note' }))
    open.hear(said(8, 77, 95_000))
    expect(open.items.at(-1)!.id).toBe(7)
    open.hearChat({ ...second, version: 5, rating: 4 })
    expect(open.sessions[0]!.chats[1]!.rating).toBe(4)
  })

  it('is fetched whole for paper, or not at all', async () => {
    timeline.mockResolvedValueOnce(page({ items: items.slice(3), older: true }))
    const open = reading()
    await open.load(null)
    timeline.mockRejectedValueOnce(refusal({ code: 'offline' }))
    expect(await open.loadAll()).toBe(false)
    timeline.mockResolvedValueOnce(page({ items: items.slice(0, 3) }))
    expect(await open.loadAll()).toBe(true)
    expect(open.items).toHaveLength(6)
  })
})
