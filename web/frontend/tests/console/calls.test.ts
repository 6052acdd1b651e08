import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Alarms } from '../../apps/console/data/alarms.svelte'
import { Prefs } from '../../apps/console/data/prefs.svelte'
import { Reminders, type Call } from '../../apps/console/data/reminders'
import { DEFAULT_CALLING, loudest, readCalling } from '../../apps/console/rules/calls'
import { pageTitle } from '../../apps/console/rules/page_title'
import { at, chat, desk, START } from './fixtures'

const call = (kind: Call['kind'], chatId = 1): Call => ({ key: `${kind}-${chatId}`, kind, chatId, title: '', text: '' })

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the title of the tab', () => {
  it('says how many, how long the eldest has waited, and where we are', () => {
    expect(pageTitle({ count: 3, oldest: 252, page: 'Queue', desk: 'Fernhill' })).toBe('(3) 4:12 · Queue · Fernhill')
    expect(pageTitle({ count: 2, oldest: null, page: 'My chats', desk: 'Fernhill' })).toBe('(2) · My chats · Fernhill')
    expect(pageTitle({ count: 0, oldest: null, page: 'Queue', desk: 'Fernhill' })).toBe('Queue · Fernhill')
    expect(pageTitle({ count: 1, oldest: 3_725, page: 'Queue', desk: 'Fernhill' })).toBe('(1) 1:02:05 · Queue · Fernhill')
  })
})

describe('calls', () => {
  function engine(interval: number | null = 60_000) {
    const seen = new Set<string>()
    const say = vi.fn()
    const onSeen = vi.fn()
    const reminders = new Reminders({ say, isSeen: each => seen.has(each.key), interval: () => interval, onSeen })
    return { reminders, seen, say, onSeen }
  }

  it('come again at each interval until they are seen, and then fall silent', () => {
    const { reminders, seen, say, onSeen } = engine()
    reminders.call(call('queue'))
    expect(say.mock.calls).toEqual([[call('queue'), false]])
    vi.advanceTimersByTime(59_999)
    expect(say).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1)
    expect(say).toHaveBeenLastCalledWith(call('queue'), true)
    vi.advanceTimersByTime(60_000)
    expect(say).toHaveBeenCalledTimes(3)
    seen.add('queue-1')
    reminders.look()
    expect(onSeen).toHaveBeenCalledWith(['queue-1'])
    vi.advanceTimersByTime(600_000)
    expect(say).toHaveBeenCalledTimes(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('find out by themselves what was settled meanwhile', () => {
    const { reminders, seen, say } = engine()
    reminders.call(call('queue'))
    seen.add('queue-1')
    vi.advanceTimersByTime(60_000)
    expect(say).toHaveBeenCalledTimes(1)
    expect(reminders.waiting).toEqual([])
  })

  it('say nothing to somebody who is looking', () => {
    const { reminders, seen, say } = engine()
    seen.add('message-1')
    reminders.call(call('message'))
    expect(say).not.toHaveBeenCalled()
  })

  it('make one noise for many, by the loudest of them', () => {
    const { reminders, say } = engine()
    reminders.call(call('queue', 1))
    reminders.call(call('alarm', 2))
    reminders.call(call('message', 3))
    say.mockClear()
    vi.advanceTimersByTime(60_000)
    expect(say.mock.calls).toEqual([[call('alarm', 2), true]])
  })

  it('come once where nobody wants them again, and follow a new interval', () => {
    let interval: number | null = null
    const say = vi.fn()
    const reminders = new Reminders({ say, isSeen: () => false, interval: () => interval })
    reminders.call(call('queue'))
    vi.advanceTimersByTime(3_600_000)
    expect(say).toHaveBeenCalledTimes(1)
    interval = 30_000
    reminders.reschedule()
    vi.advanceTimersByTime(30_000)
    expect(say).toHaveBeenCalledTimes(2)
  })

  it('are silent in every tab once one has seen them, and do not echo', () => {
    const here = engine()
    const there = engine()
    here.onSeen.mockImplementation(keys => there.reminders.settle(keys))
    here.reminders.call(call('queue'))
    there.reminders.call(call('queue'))
    here.seen.add('queue-1')
    here.reminders.look()
    expect(there.reminders.waiting).toEqual([])
    expect(there.onSeen).not.toHaveBeenCalled()
  })
})

describe('what was chosen', () => {
  const kept = (value: unknown) => ({ getItem: () => (typeof value === 'string' ? value : JSON.stringify(value)), setItem: vi.fn() })

  it('of before the calls had choices goes on, with the choices everybody begins with', () => {
    const prefs = new Prefs(kept({ theme: 'dark', sound: false, notify: true, singleKeys: false, details: false }))
    expect(prefs).toMatchObject({ theme: 'dark', sound: false, notify: true, singleKeys: false, details: false })
    expect(prefs.calling).toEqual(DEFAULT_CALLING)
    expect(prefs.folded).toEqual([])
  })

  it('comes back as it was written', () => {
    const storage = kept({})
    const prefs = new Prefs(storage)
    prefs.calling.kinds.queue.sound = false
    prefs.calling.repeat = 300
    prefs.fold('tags', true)
    prefs.write()
    const again = new Prefs(kept(storage.setItem.mock.calls[0]![1] as string))
    expect(again.calling.kinds.queue).toEqual({ sound: false, notice: true })
    expect(again.calling.repeat).toBe(300)
    expect(again.isFolded('tags')).toBe(true)
  })

  it('is not believed where it makes no sense', () => {
    expect(readCalling({ volume: 7, repeat: 17, kinds: { queue: 'loud', message: { sound: false } }, hideText: 1 })).toEqual({
      ...DEFAULT_CALLING, kinds: { ...DEFAULT_CALLING.kinds, message: { sound: false, notice: true } }
    })
    for (const nonsense of ['{', 'null', '7', '[]', '"x"']) expect(new Prefs(kept(nonsense)).calling).toEqual(DEFAULT_CALLING)
  })

  it('never shares its defaults between two people', () => {
    new Prefs(kept({})).calling.kinds.queue.sound = false
    expect(DEFAULT_CALLING.kinds.queue.sound).toBe(true)
    expect(new Prefs(kept({})).calling.kinds.queue.sound).toBe(true)
  })

  it('has an order of loudness, and silence for nothing', () => {
    expect(loudest(['message', 'queue', 'mention'])).toBe('queue')
    expect(loudest([])).toBeNull()
  })
})

describe('alarms', () => {
  const team = { id: 1, name: 'Payments', hue: 262, auto_assign: true, open: true, opens_at: null, alarm_wait_s: 300, waiting: 1, online: 1, oldest_waiting_at: null }
  const waiting = [chat({ id: 1, queued_at: at(-700), team: null }), chat({ id: 2, queued_at: at(-310) }), chat({ id: 3, queued_at: at(-290) })]
  const people = (supervises: boolean) => ({ can: () => supervises, settings: desk, teams: [team] })
  const storage = () => {
    const kept = new Map<string, string>()
    return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }
  }

  it('stand for supervisors, by what each team allows, the longest wait first', () => {
    const alarms = new Alarms({ all: waiting }, people(true), storage())
    expect(alarms.standing.map(each => each.id)).toEqual([1, 2])
    expect(new Alarms({ all: waiting }, people(false), storage()).standing).toEqual([])
  })

  it('heed the server, whose clock decides, and stay away once they are put away', () => {
    const session = storage()
    const alarms = new Alarms({ all: waiting }, people(true), session)
    alarms.call(3)
    expect(alarms.stands(3)).toBe(true)
    alarms.dismiss(waiting)
    expect(alarms.standing).toEqual([])
    expect(new Alarms({ all: waiting }, people(true), session).standing).toEqual([])
  })

  it('end when somebody takes the chat', () => {
    const queue = { all: waiting }
    const alarms = new Alarms(queue, people(true), storage())
    queue.all = waiting.slice(1)
    expect(alarms.standing.map(each => each.id)).toEqual([2])
  })
})
