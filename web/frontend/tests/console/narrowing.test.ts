import type { ChatOut } from '#shared/wire.gen'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ASK_AGAIN_MS, FADE_MS } from '../../apps/console/data/inbox.svelte'
import { inOrder } from '../../apps/console/rules/lists'
import { EVERYTHING, filterOf, fits, searchOf, type QueueFilter } from '../../apps/console/rules/narrowing'
import { agent, at, chat } from './fixtures'
import { standInConsole } from './stand_ins'

const payments = { id: 1, name: 'Payments', hue: 262 }
const cards = { id: 2, name: 'Cards', hue: 25 }
const urgent = { id: 5, name: 'Urgent', hue: 25 }
const femi = { id: 2, name: 'Femi Adebayo', hue: 25 }
const maya = { id: 1, name: 'Maya Lindholm', hue: 340 }
const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(() => {
  vi.useRealTimers()
})

/** As the desk's own search does it: words of the name, of the first message. */
const holds = (each: ChatOut, q: string) => `${each.customer.name} ${each.first_message}`.toLowerCase().includes(q.toLowerCase())

function desk(chats: ChatOut[]) {
  const list = vi.fn(async (name: string, filter: QueueFilter) => {
    const items = chats.filter(each => (name === 'queue' ? each.state === 'queued' && fits(each, { ...filter, q: '' }, null) && holds(each, filter.q) : each.owner?.id === 1))
    return { items, total: items.length, next: null }
  })
  return { list, ...standInConsole(chats, { server: { list } }) }
}

describe('an address', () => {
  it('names a filter and is named by it', () => {
    const filter = { team: 3, channel: null, tag: 7, q: 'card & pin' }
    const search = Object.fromEntries(Object.entries(searchOf(filter)).filter(([, value]) => value)) as Record<string, string>
    expect(filterOf(search)).toEqual(filter)
    expect(filterOf({ team: 'x', tag: '-1', channel: '0', q: '  ' })).toEqual(EVERYTHING)
  })
})

describe('a narrowed queue', () => {
  it('lets a chat that does not fit any more slide out, and one that fits in', async () => {
    const { console, tell } = desk([chat({ id: 1, tags: [urgent] }), chat({ id: 2, queued_at: at(5) })])
    const { queue } = console.inbox
    queue.narrow({ ...EVERYTHING, tag: urgent.id })
    await console.load()
    expect(queue.arrange().shown).toEqual([1])
    tell('chat:changed', chat({ id: 2, version: 2, queued_at: at(5), tags: [urgent] }))
    expect(queue.arrange().shown).toEqual([1, 2])
    tell('chat:changed', chat({ id: 1, version: 2, tags: [] }))
    expect(queue.arrange().shown).toEqual([2])
    expect(queue.count).toBe(2)
  })

  it('asks the server what holds the words, and asks again when something stirs', async () => {
    const chats = [chat({ id: 1, first_message: 'Lost my card' }), chat({ id: 2, queued_at: at(5), first_message: 'Hello' })]
    const { console, list, tell } = desk(chats)
    const { queue } = console.inbox
    await console.load()
    queue.narrow({ ...EVERYTHING, q: 'card' })
    expect(queue.narrowing).toBe(true)
    await settle()
    expect(queue.arrange().shown).toEqual([1])

    const came = chat({ id: 3, queued_at: at(1), first_message: 'A new card' })
    chats.push(came)
    const asked = list.mock.calls.length
    tell('chat:changed', came)
    tell('chat:changed', { ...came, version: 2 })
    expect(queue.arrange().shown).toEqual([1])
    await vi.advanceTimersByTimeAsync(ASK_AGAIN_MS)
    expect(queue.arrange().shown).toEqual([1, 3])
    expect(list.mock.calls.length - asked).toBeLessThanOrEqual(2)
  })

  it('heeds the last question alone, however late the first is answered', async () => {
    const answers: (() => void)[] = []
    const chats = [chat({ id: 1, first_message: 'card' }), chat({ id: 2, first_message: 'loan', queued_at: at(1) })]
    const { console } = standInConsole(chats, {
      server: {
        list: async (_, { q }) => {
          const items = chats.filter(each => holds(each, q))
          if (q !== '') await new Promise<void>(resolve => answers.push(resolve))
          return { items, total: items.length, next: null }
        }
      }
    })
    const { queue } = console.inbox
    await console.load()
    queue.narrow({ ...EVERYTHING, q: 'card' })
    queue.narrow({ ...EVERYTHING, q: 'loan' })
    await settle()
    answers[1]!()
    await settle()
    answers[0]!()
    await settle()
    expect(queue.arrange().shown).toEqual([2])
    expect(queue.narrowing).toBe(false)
  })

  it('shows the same at the end in whatever order the news comes', async () => {
    const teams = [payments, cards, null]
    const latest = fc.array(
      fc.record({
        id: fc.integer({ min: 1, max: 8 }), version: fc.integer({ min: 1, max: 6 }), team: fc.constantFrom(...teams), tagged: fc.boolean(),
        gone: fc.boolean(), waited: fc.integer({ min: 0, max: 50 }), priority: fc.integer({ min: 0, max: 2 })
      }),
      { maxLength: 30 }
    )
    await fc.assert(fc.asyncProperty(latest, fc.integer(), async (changes, seed) => {
      const news = [...new Map(changes.map(each => [`${each.id}-${each.version}`, each])).values()].map(each =>
        chat({
          id: each.id, version: each.version, team: each.team, tags: each.tagged ? [urgent] : [], queued_at: at(each.waited), priority: each.priority,
          state: each.gone ? 'active' : 'queued', owner: each.gone ? maya : null
        })
      )
      const filter = { ...EVERYTHING, team: payments.id, tag: urgent.id }
      const { console, tell } = desk([])
      console.inbox.queue.narrow(filter)
      await console.load()
      const order = [...news].map((each, i) => ({ each, key: Math.sin(seed + i * 7919) })).sort((a, b) => a.key - b.key)
      for (const { each } of order) {
        tell('chat:changed', each)
        console.inbox.queue.arrange()
      }
      await vi.advanceTimersByTimeAsync(FADE_MS)
      const newest = new Map<number, ChatOut>()
      for (const each of news) if (each.version > (newest.get(each.id)?.version ?? 0)) newest.set(each.id, each)
      const wanted = inOrder('queue', newest.values(), { agent: agent(), readsAll: false, supervises: false }).filter(each => fits(each, filter, null))
      expect(console.inbox.queue.arrange().shown).toEqual(wanted.map(each => each.id))
      console.stop()
    }), { numRuns: 40 })
  })
})

describe('a row that somebody else takes', () => {
  it('says by whom in its place, and then goes', async () => {
    const { console, tell } = desk([chat({ id: 1 }), chat({ id: 2, queued_at: at(5) }), chat({ id: 3, queued_at: at(9) })])
    const { queue } = console.inbox
    await console.load()
    queue.arrange()
    tell('chat:changed', chat({ id: 2, version: 2, queued_at: at(5), state: 'active', owner: femi }))
    expect(queue.arrange().shown).toEqual([1, 2, 3])
    expect(queue.kept.get(2)?.takenBy).toBe('Femi Adebayo')
    await vi.advanceTimersByTimeAsync(FADE_MS)
    expect(queue.arrange().shown).toEqual([1, 3])
  })

  it('is not mourned where it was not drawn, nor when it is one’s own', async () => {
    const { console, tell } = desk([chat({ id: 1 })])
    const { queue } = console.inbox
    await console.load()
    queue.arrange()
    tell('chat:changed', chat({ id: 8, queued_at: at(5) }))
    tell('chat:changed', chat({ id: 8, version: 2, queued_at: at(5), state: 'active', owner: femi }))
    tell('chat:changed', chat({ id: 1, version: 2, state: 'active', owner: maya }))
    expect(queue.kept.size).toBe(0)
    expect(queue.arrange().shown).toEqual([])
  })
})
