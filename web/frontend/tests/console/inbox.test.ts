import { Toasts } from '#shared/kit/toasts.svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Actions } from '../../apps/console/data/actions.svelte'
import { FADE_MS } from '../../apps/console/data/inbox.svelte'
import { at, chat, desk, message, overview } from './fixtures'
import { refusal, standInConsole } from './stand_ins'

const femi = { id: 2, name: 'Femi Adebayo', hue: 25 }
const maya = { id: 1, name: 'Maya Lindholm', hue: 340 }
const waiting = [chat({ id: 1, queued_at: at(0) }), chat({ id: 2, queued_at: at(10) }), chat({ id: 3, queued_at: at(20) })]

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the inbox', () => {
  it('takes what is told and what is fetched into the same lists', async () => {
    const { console, tell } = standInConsole(waiting)
    await console.load()
    tell('chat:changed', chat({ id: 4, queued_at: at(5) }))
    expect(console.inbox.queue.all.map(each => each.id)).toEqual([1, 4, 2, 3])
    tell('chat:changed', chat({ id: 1, version: 2, state: 'active', owner: maya }))
    expect(console.inbox.queue.all.map(each => each.id)).toEqual([4, 2, 3])
    expect(console.inbox.mine.all.map(each => each.id)).toEqual([1])
  })

  it('never lets a late answer undo a change', async () => {
    const { console, tell } = standInConsole(waiting)
    tell('chat:changed', chat({ id: 2, version: 5, state: 'active', owner: femi }))
    await console.load()
    expect(console.inbox.queue.all.map(each => each.id)).toEqual([1, 3])
  })

  it('forgets what left the queue unheard, after a reconnect', async () => {
    const now = [...waiting]
    const { console } = standInConsole(now)
    await console.load()
    now.splice(0, 1)
    await console.load()
    expect(console.inbox.queue.all.map(each => each.id)).toEqual([2, 3])
  })

  it('holds the settings that were changed last, whichever way they came', async () => {
    const off = { ...desk, auto_assign: false, updated_at: at(5) }
    const { console, tell } = standInConsole([], { server: { overview: async () => overview({ desk: off }) } })
    await console.load()
    expect(console.desk.settings.auto_assign).toBe(false)
    tell('desk:changed', { ...desk, updated_at: at(9) })
    await console.load()
    expect(console.desk.settings.auto_assign).toBe(true)
  })

  it('calls for words in one’s own chats alone', async () => {
    const { console, listeners, tell } = standInConsole([chat({ id: 1, state: 'active', owner: maya }), chat({ id: 2, state: 'active', owner: femi })])
    await console.load()
    tell('chat:changed', chat({ id: 2, state: 'active', owner: femi }))
    tell('message:new', message(2, { chat_id: 1 }))
    tell('message:new', message(2, { chat_id: 2 }))
    expect(listeners.message).toHaveBeenCalledTimes(1)
    expect(console.inbox.mine.unread).toBe(1)
  })
})

describe('a race for a chat', () => {
  const lost = refusal({ code: 'already_taken', by: femi })

  it('keeps the loser’s row in its place, says who was faster, and lets it go', async () => {
    const { console, tell } = standInConsole(waiting, { server: { start: async () => { throw lost } } })
    const actions = new Actions(console, new Toasts(), vi.fn())
    await console.load()
    const { queue } = console.inbox
    queue.arrange()

    const asked = actions.start(waiting[1]!)
    tell('chat:changed', chat({ id: 2, version: 2, state: 'active', owner: femi }))
    expect(queue.arrange().shown).toEqual([1, 2, 3])
    await asked
    expect(queue.arrange().shown).toEqual([1, 2, 3])
    expect(queue.kept.get(2)?.takenBy).toBe('Femi Adebayo')

    await vi.advanceTimersByTimeAsync(FADE_MS)
    expect(queue.arrange().shown).toEqual([1, 3])
  })

  it('opens the winner’s chat', async () => {
    const goToMine = vi.fn()
    const { console } = standInConsole(waiting, { server: { start: async id => chat({ id, version: 2, state: 'active', owner: maya }) } })
    const actions = new Actions(console, new Toasts(), goToMine)
    await console.load()
    await actions.start(waiting[0]!)
    expect(goToMine).toHaveBeenCalledWith(1)
    expect(console.inbox.mine.all.map(each => each.id)).toEqual([1])
  })

  it('is not even begun by somebody who is full', async () => {
    const start = vi.fn()
    const { console } = standInConsole([...waiting, chat({ id: 9, state: 'active', owner: maya })], { server: { start } })
    await console.load()
    console.desk.hearPresence({ ...console.desk.me, limit: 1 })
    const actions = new Actions(console, new Toasts(), vi.fn())
    await actions.start(waiting[0]!)
    expect(start).not.toHaveBeenCalled()
    expect(actions.obstacle).toBe('full')
  })
})

describe('ending', () => {
  const mine = chat({ id: 1, state: 'active', owner: maya })

  it('waits five seconds, so that it can be taken back', async () => {
    const end = vi.fn(async () => ({ ...mine, version: 2, state: 'ended' as const }))
    const { console } = standInConsole([mine], { server: { end } })
    const toasts = new Toasts()
    const actions = new Actions(console, toasts, vi.fn())
    await console.load()

    actions.end(mine, { reason: 'resolved' })
    await vi.advanceTimersByTimeAsync(4_900)
    expect(end).not.toHaveBeenCalled()
    toasts.act(toasts.items[0]!)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(end).not.toHaveBeenCalled()

    actions.end(mine, { reason: 'resolved' })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(end).toHaveBeenCalledWith(1, { reason: 'resolved' })
    expect(console.inbox.mine.all).toEqual([])
  })
})

describe('a refused message', () => {
  it('comes back into the composer', async () => {
    vi.useRealTimers()
    const mine = chat({ id: 1, state: 'active', owner: maya })
    const { console, ask, listeners } = standInConsole([mine])
    await console.load()
    ask.mockImplementation(async () => ({ ok: false, error: { code: 'not_owner', message: '' } }) as never)
    console.send(1, 'On its way', false)
    await vi.waitFor(() => expect(listeners.refused).toHaveBeenCalled())
    expect(console.drafts.of(1).reply).toBe('On its way')
    expect(console.unsentIn(1)).toEqual([])
  })
})
