/**
 * The socket: what is asked of the server and what it tells, typed by the wire. The one file that knows the client library.
 *
 * A connection never gives up. Each attempt fetches a fresh ticket, for a ticket opens one socket once; between attempts
 * it waits with full jitter, and not at all when the network or the screen comes back or the machine wakes.
 */
import { io, type Socket } from 'socket.io-client'
import type { ErrorOut, FromConsole, FromVisitor, ToConsole, ToVisitor } from './wire.gen'

export interface Namespaces {
  '/console': { told: ToConsole; asked: FromConsole }
  '/visitor': { told: ToVisitor; asked: FromVisitor }
}

export type Answer<T> = { ok: true; data: T } | { ok: false; error: ErrorOut }

/** `since`: when the connection was lost, or first wanted. In milliseconds, as `Date.now()`. */
export type Status =
  | { state: 'connecting'; since: number }
  | { state: 'connected' }
  | { state: 'offline'; since: number; retryAt: number }
  | { state: 'refused'; error: ErrorOut }

type Asked<N extends keyof Namespaces> = Namespaces[N]['asked']
type Told<N extends keyof Namespaces> = Namespaces[N]['told']
export type Takes<N extends keyof Namespaces, E extends keyof Asked<N>> = Asked<N>[E] extends { takes: infer T } ? T : never
export type Gives<N extends keyof Namespaces, E extends keyof Asked<N>> = Asked<N>[E] extends { gives: infer T } ? T : never

export interface Live<N extends keyof Namespaces> {
  /** Returns the way to stop listening. */
  on<E extends keyof Told<N> & string>(event: E, hear: (payload: Told<N>[E]) => void): () => void
  /** Never throws: an answer that does not come is a refusal with the code `offline`, `timeout` or `too_large`. */
  ask<E extends keyof Asked<N> & string>(event: E, payload: Takes<N, E>): Promise<Answer<Gives<N, E>>>
  readonly status: Status
  /** Called at once and at every change, as a Svelte store does. */
  subscribe(watch: (status: Status) => void): () => void
  /** Do not wait for the next attempt. */
  retry(): void
  close(): void
}

export interface ConnectOptions<N extends keyof Namespaces> {
  namespace: N
  /** A fresh one-use ticket. A thrown `ErrorOut` (or an error that carries one) with `signed_out` ends the attempts. */
  getTicket: () => Promise<string>
  /** Origin of the server; this page's own when left out. */
  url?: string
  /** For tests: chance, between 0 and 1. */
  random?: () => number
}

const ANSWER_WITHIN = 5_000
const OPEN_WITHIN = 10_000
const LARGEST_FRAME = 64 * 1024
const SHORTEST_WAIT = 500
const LONGEST_WAIT = 20_000
/** A connection that lasted this long was a good one: the next loss starts again from the shortest wait. */
const SETTLED_AFTER = 5_000
const PULSE = 5_000
/** A pulse this late means that the machine slept, and a socket that slept is not to be trusted. */
const ASLEEP_AFTER = 30_000
const NO_MORE = new Set(['signed_out', 'forbidden', 'not_found'])

/** Milliseconds to wait before attempt number `attempt` (from 0): full jitter between half a second and 20. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_WAIT, 2 * SHORTEST_WAIT * 2 ** Math.min(attempt, 16))
  return Math.round(SHORTEST_WAIT + random() * (ceiling - SHORTEST_WAIT))
}

export function connect<N extends keyof Namespaces>(options: ConnectOptions<N>): Live<N> {
  const { namespace, getTicket, url = '', random = Math.random } = options
  const socket: Socket = io(url + namespace, {
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    timeout: OPEN_WITHIN,
    transports: ['websocket']
  })
  const watchers = new Set<(status: Status) => void>()
  let status: Status = { state: 'connecting', since: Date.now() }
  let attempts = 0
  let lostAt = Date.now()
  let connectedAt = 0
  let closed = false
  let waiting: ReturnType<typeof setTimeout> | undefined
  let answering: ReturnType<typeof setTimeout> | undefined
  let attempting = false

  function become(next: Status): void {
    status = next
    for (const watch of watchers) watch(next)
  }

  async function attempt(): Promise<void> {
    clearTimeout(waiting)
    if (closed || attempting || socket.connected) return
    attempting = true
    become({ state: 'connecting', since: lostAt })
    try {
      socket.auth = { ticket: await getTicket() }
    } catch (reason) {
      attempting = false
      const error = refusalIn(reason)
      if (error && NO_MORE.has(error.code)) become({ state: 'refused', error })
      else wait()
      return
    }
    if (closed) return
    socket.connect()
    clearTimeout(answering)
    answering = setTimeout(giveUpAttempt, OPEN_WITHIN)
  }

  /** The transport has opened, or not even that, and nobody has let us in: begin anew. */
  function giveUpAttempt(): void {
    if (socket.connected) return
    socket.disconnect()
    lost()
  }

  function wait(): void {
    if (closed) return
    const delay = backoff(attempts++, random)
    clearTimeout(waiting)
    waiting = setTimeout(attempt, delay)
    become({ state: 'offline', since: lostAt, retryAt: Date.now() + delay })
  }

  function lost(): void {
    if (status.state === 'connected') {
      lostAt = Date.now()
      if (lostAt - connectedAt > SETTLED_AFTER) attempts = 0
    }
    attempting = false
    clearTimeout(answering)
    wait()
  }

  function drop(): void {
    if (socket.connected) socket.disconnect()
  }

  function retry(): void {
    if (!socket.connected) void attempt()
  }

  function whenSeen(): void {
    if (document.visibilityState === 'visible') retry()
  }

  socket.on('connect', () => {
    attempting = false
    clearTimeout(answering)
    connectedAt = Date.now()
    become({ state: 'connected' })
  })
  socket.on('connect_error', lost)
  socket.on('disconnect', lost)

  let lastPulse = Date.now()
  const pulse = setInterval(() => {
    const slept = Date.now() - lastPulse > ASLEEP_AFTER
    lastPulse = Date.now()
    if (!slept) return
    drop()
    retry()
  }, PULSE)
  addEventListener('online', retry)
  addEventListener('offline', drop)
  document.addEventListener('visibilitychange', whenSeen)
  void attempt()

  return {
    get status() {
      return status
    },
    on(event, hear) {
      // The library types its listeners by a map of its own; the wire's types are ours and checked at this door.
      const listener = hear as (payload: unknown) => void
      socket.on(event as string, listener)
      return () => void socket.off(event as string, listener)
    },
    async ask(event, payload) {
      if (bytes(payload) > LARGEST_FRAME) return refused('too_large', 'This is too long to send.')
      if (!socket.connected) return refused('offline', 'There is no connection.')
      try {
        return await socket.timeout(ANSWER_WITHIN).emitWithAck(event, payload)
      } catch {
        return refused('timeout', 'The server has not answered.')
      }
    },
    subscribe(watch) {
      watchers.add(watch)
      watch(status)
      return () => void watchers.delete(watch)
    },
    retry,
    close() {
      closed = true
      clearTimeout(waiting)
      clearTimeout(answering)
      clearInterval(pulse)
      removeEventListener('online', retry)
      removeEventListener('offline', drop)
      document.removeEventListener('visibilitychange', whenSeen)
      watchers.clear()
      socket.disconnect()
    }
  }
}

function refused(code: string, message: string): { ok: false; error: ErrorOut } {
  return { ok: false, error: { code, message } }
}

function bytes(payload: unknown): number {
  return new TextEncoder().encode(JSON.stringify(payload)).length
}

/** The refusal a thrown value is or carries. */
function refusalIn(reason: unknown): ErrorOut | null {
  if (typeof reason !== 'object' || reason === null) return null
  if ('error' in reason) return refusalIn(reason.error)
  return 'code' in reason && typeof reason.code === 'string' ? (reason as ErrorOut) : null
}
