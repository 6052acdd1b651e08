import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, createApi } from '#shared/api'

function answering(status: number, body: unknown) {
  const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>(
    async () => new Response(status === 204 ? null : JSON.stringify(body), { status })
  )
  vi.stubGlobal('fetch', fetch)
  return { fetch, headers: () => fetch.mock.calls.at(-1)![1].headers as Headers }
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('api', () => {
  it('asks with the query that was given and nothing empty', async () => {
    const { fetch } = answering(200, { items: [] })
    await createApi().get('/chats', { list: 'queue', team_id: undefined, after: null, limit: 50 })
    expect(fetch.mock.calls[0]![0]).toBe('/api/chats?list=queue&limit=50')
  })

  it('sends commands with the CSRF token and a key of their own', async () => {
    const { headers } = answering(200, {})
    const api = createApi({ csrfToken: () => 'token' })
    await api.post('/chats/1/end', { reason: 'resolved' }, { key: 'the-same-key' })
    expect(headers().get('x-csrf-token')).toBe('token')
    expect(headers().get('idempotency-key')).toBe('the-same-key')
    await api.delete('/session')
    expect(headers().get('idempotency-key')).toMatch(/^[\w-]{8,64}$/)
  })

  it('sends the bearer of a visitor', async () => {
    const { headers } = answering(200, {})
    await createApi({ bearer: () => 'secret' }).get('/visitor/state')
    expect(headers().get('authorization')).toBe('Bearer secret')
  })

  it('gives nothing for an answer without content', async () => {
    answering(204, null)
    expect(await createApi().delete('/session')).toBeUndefined()
  })

  it('throws what was refused, and tells', async () => {
    answering(409, { code: 'already_taken', message: 'Femi has it.', by: { id: 1, name: 'Femi', hue: 2 } })
    const onRefusal = vi.fn<(error: unknown) => void>()
    const refused = createApi({ onRefusal }).post('/chats/1/start')
    await expect(refused).rejects.toThrow(ApiError)
    await expect(refused).rejects.toMatchObject({ code: 'already_taken', error: { status: 409, by: { name: 'Femi' } } })
    expect(onRefusal).toHaveBeenCalledOnce()
  })

  it('asks once more for what is only read when the server is busy, and never repeats a command', async () => {
    vi.useFakeTimers()
    const busy = () => new Response(JSON.stringify({ code: 'busy', message: 'Busy.' }), { status: 503 })
    const answers = [busy(), new Response(JSON.stringify({ items: [1] }), { status: 200 })]
    const fetch = vi.fn<() => Promise<Response>>(async () => answers.shift() ?? busy())
    vi.stubGlobal('fetch', fetch)
    const read = createApi().get('/history')
    await vi.advanceTimersByTimeAsync(999)
    expect(fetch).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(1)
    expect(await read).toEqual({ items: [1] })

    const onRefusal = vi.fn<(error: unknown) => void>()
    const api = createApi({ onRefusal })
    const again = expect(api.get('/history')).rejects.toMatchObject({ code: 'busy' })
    await vi.advanceTimersByTimeAsync(1000)
    await again
    expect(fetch).toHaveBeenCalledTimes(4)
    expect(onRefusal).toHaveBeenCalledOnce()
    await expect(api.post('/chats/1/start')).rejects.toMatchObject({ code: 'busy' })
    expect(fetch).toHaveBeenCalledTimes(5)
  })

  it('makes a refusal of a proxy\'s page and of no network at all', async () => {
    vi.stubGlobal('fetch', async () => new Response('<html>Bad gateway</html>', { status: 502 }))
    await expect(createApi().get('/overview')).rejects.toMatchObject({ code: 'busy' })
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('failed to fetch')))
    await expect(createApi().get('/overview')).rejects.toMatchObject({ code: 'offline' })
  })
})
