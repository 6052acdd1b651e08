/**
 * REST: typed answers, and every refusal as one kind of error.
 *
 * The console authenticates by its cookie and a CSRF header, a visitor by a bearer token; both are asked for at each
 * request, for either may change. Commands carry an `Idempotency-Key`, so a repeated one gets the same answer. What is
 * only read is asked for once more when the server is busy; a command is not: whoever gave it decides.
 */
import type { ErrorOut } from './wire.gen'

/** A refusal of the server, or `offline` / `timeout` when there was no answer at all. */
export class ApiError extends Error {
  constructor(readonly error: ErrorOut) {
    super(error.message)
    this.name = 'ApiError'
  }

  get code(): string {
    return this.error.code
  }
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface CallOptions {
  /** The same key gives the same answer. A fresh one is made for every command that brings none. */
  key?: string
  signal?: AbortSignal
}

export interface Api {
  get<T>(path: string, query?: Query, options?: CallOptions): Promise<T>
  post<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>
  put<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>
  patch<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>
  delete<T = void>(path: string, options?: CallOptions): Promise<T>
}

export interface ApiOptions {
  /** Before every path; `/api` when left out. */
  base?: string
  csrfToken?: () => string | null
  bearer?: () => string | null
  /** Told of every refusal, before it is thrown: a session that has ended is everybody's business. */
  onRefusal?: (error: ErrorOut) => void
}

const ANSWER_WITHIN = 15_000
const BUSY_FOR = 1000

export function createApi({ base = '/api', csrfToken, bearer, onRefusal }: ApiOptions = {}): Api {
  async function call<T>(method: string, path: string, body: unknown, options: CallOptions = {}): Promise<T> {
    const headers = new Headers({ accept: 'application/json' })
    if (body !== undefined) headers.set('content-type', 'application/json')
    const token = bearer?.()
    if (token) headers.set('authorization', `Bearer ${token}`)
    if (method !== 'GET') {
      const csrf = csrfToken?.()
      if (csrf) headers.set('x-csrf-token', csrf)
      headers.set('idempotency-key', options.key ?? crypto.randomUUID())
    }
    const deadline = AbortSignal.timeout(ANSWER_WITHIN)
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline

    const ask = () => fetch(base + path, {
      method,
      headers,
      signal,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })

    let response: Response
    try {
      response = await ask()
      if (response.status === 503 && method === 'GET') {
        await new Promise(resolve => setTimeout(resolve, BUSY_FOR))
        response = await ask()
      }
    } catch (reason) {
      if (options.signal?.aborted) throw reason
      throw refusal(noAnswer(deadline.aborted))
    }
    if (!response.ok) throw refusal(await refusalOf(response))
    return (response.status === 204 ? undefined : await response.json()) as T
  }

  function refusal(error: ErrorOut): ApiError {
    onRefusal?.(error)
    return new ApiError(error)
  }

  return {
    get: (path, query, options) => call('GET', path + queryString(query), undefined, options),
    post: (path, body, options) => call('POST', path, body, options),
    put: (path, body, options) => call('PUT', path, body, options),
    patch: (path, body, options) => call('PATCH', path, body, options),
    delete: (path, options) => call('DELETE', path, undefined, options)
  }
}

function noAnswer(late: boolean): ErrorOut {
  return late
    ? { code: 'timeout', message: 'The server has not answered.' }
    : { code: 'offline', message: 'There is no connection.' }
}

/** What was refused, even where something between us and the server answered in its place. */
async function refusalOf(response: Response): Promise<ErrorOut> {
  const status = response.status
  try {
    const error = (await response.json()) as ErrorOut
    if (typeof error.code === 'string') return { ...error, status }
  } catch {
    // Not our server's words: a proxy's page, or nothing.
  }
  return status >= 500
    ? { code: 'busy', message: 'The server cannot answer now.', status }
    : { code: 'refused', message: response.statusText, status }
}

function queryString(query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '')
  if (given.length === 0) return ''
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}
