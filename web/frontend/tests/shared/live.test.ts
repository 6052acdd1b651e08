import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backoff, connect, type Live, type Status } from '#shared/live'

/** A stand-in for the library's socket: it connects, drops and answers when the test says so. */
class FakeSocket {
  connected = false
  auth: unknown
  attempts = 0
  answer: unknown = null
  readonly #listeners = new Map<string, Set<(payload?: unknown) => void>>()

  on(event: string, hear: (payload?: unknown) => void) {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(hear))
  }
  off(event: string, hear: (payload?: unknown) => void) {
    this.#listeners.get(event)?.delete(hear)
  }
  tell(event: string, payload?: unknown) {
    for (const hear of this.#listeners.get(event) ?? []) hear(payload)
  }
  connect() {
    this.attempts += 1
  }
  disconnect() {
    const was = this.connected
    this.connected = false
    if (was) this.tell('disconnect')
  }
  letIn() {
    this.connected = true
    this.tell('connect')
  }
  timeout() {
    return { emitWithAck: async () => this.answer ?? Promise.reject(new Error('timed out')) }
  }
}

const fake = vi.hoisted(() => ({ socket: null as unknown }))
vi.mock('socket.io-client', () => ({ io: () => fake.socket }))

const settle = () => vi.advanceTimersByTimeAsync(0)

describe('live', () => {
  let socket: FakeSocket
  let live: Live<'/console'>
  let getTicket: ReturnType<typeof vi.fn<() => Promise<string>>>
  let states: Status['state'][]

  beforeEach(async () => {
    vi.useFakeTimers()
    fake.socket = socket = new FakeSocket()
    let tickets = 0
    getTicket = vi.fn(async () => `ticket-${++tickets}`)
    live = connect({ namespace: '/console', getTicket, random: () => 1 })
    states = []
    live.subscribe(status => states.push(status.state))
    await settle()
  })
  afterEach(() => {
    live.close()
    vi.useRealTimers()
  })

  it('brings a fresh ticket to every attempt', async () => {
    expect(socket.auth).toEqual({ ticket: 'ticket-1' })
    socket.tell('connect_error')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(socket.auth).toEqual({ ticket: 'ticket-2' })
    expect(socket.attempts).toBe(2)
  })

  it('says how it stands', async () => {
    socket.letIn()
    socket.disconnect()
    expect(live.status).toMatchObject({ state: 'offline', since: Date.now(), retryAt: Date.now() + 1_000 })
    await vi.advanceTimersByTimeAsync(1_000)
    socket.letIn()
    expect(states).toEqual(['connecting', 'connected', 'offline', 'connecting', 'connected'])
  })

  it('goes on trying when no ticket can be had', async () => {
    socket.letIn()
    getTicket.mockRejectedValueOnce(new Error('no network'))
    socket.disconnect()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(live.status.state).toBe('offline')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(socket.attempts).toBe(2)
  })

  it('stops when the session is over', async () => {
    socket.letIn()
    getTicket.mockRejectedValueOnce({ error: { code: 'signed_out', message: 'Sign in.' } })
    socket.disconnect()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(live.status).toMatchObject({ state: 'refused', error: { code: 'signed_out' } })
    expect(socket.attempts).toBe(1)
  })

  it('does not wait when the network comes back', async () => {
    socket.letIn()
    socket.disconnect()
    dispatchEvent(new Event('online'))
    await settle()
    expect(socket.attempts).toBe(2)
  })

  it('does not trust a socket that slept', async () => {
    socket.letIn()
    vi.setSystemTime(Date.now() + 120_000)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(socket.attempts).toBe(2)
  })

  it('begins anew when nobody lets it in', async () => {
    await vi.advanceTimersByTimeAsync(10_000)
    expect(live.status.state).toBe('offline')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(socket.attempts).toBe(2)
  })

  it('answers what it asks: the ack, or a refusal with a reason', async () => {
    expect(await live.ask('chat:watch', { chat_id: 1 })).toMatchObject({ ok: false, error: { code: 'offline' } })
    socket.letIn()
    expect(await live.ask('chat:watch', { chat_id: 1 })).toMatchObject({ ok: false, error: { code: 'timeout' } })
    socket.answer = { ok: true, data: {} }
    expect(await live.ask('chat:watch', { chat_id: 1 })).toEqual({ ok: true, data: {} })
    const long = { chat_id: 1, client_id: 'x', body: 'ä'.repeat(33_000) }
    expect(await live.ask('message:send', long)).toMatchObject({ ok: false, error: { code: 'too_large' } })
  })

  it('hears until it is told to stop', () => {
    const heard = vi.fn<(counts: unknown) => void>()
    const stop = live.on('queue:counts', heard)
    socket.tell('queue:counts', { team_id: null, waiting: 2 })
    stop()
    socket.tell('queue:counts', { team_id: null, waiting: 3 })
    expect(heard).toHaveBeenCalledExactlyOnceWith({ team_id: null, waiting: 2 })
  })
})

it('waits between half a second and 20, longer each time and never in step', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.nat(1_000), chance, (attempt, random) => {
      const wait = backoff(attempt, () => random)
      return wait >= 500 && wait <= 20_000
    })
  )
  expect([0, 1, 2, 3, 4, 5, 6].map(attempt => backoff(attempt, () => 1))).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000])
  expect(backoff(9, () => 0)).toBe(500)
})
