import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '#shared/api'
import { fileSize } from '#shared/file_size'
import { acceptOf, extensionOf, unfit, upload } from '#shared/upload'
import { UploadQueue, kindOf, type UploadItem } from '#shared/upload_queue'
import type { AttachmentOut, UploadLimits } from '#shared/wire.gen'

const MB5 = 5_242_880
const limits: UploadLimits = { most_bytes: MB5, most_files: 3, extensions: ['png', 'jpg', 'pdf'], scanned: false }
const stored = (id: number, name = 'a.pdf'): AttachmentOut => ({
  id, kind: 'document', name, size: 3, content_type: 'application/pdf', width: null, height: null, duration_ms: null, url: `/media/${id}`, thumb_url: null
})
const file = (name: string, type = 'application/pdf') => new File(['abc'], name, { type })

describe('a file before it is sent', () => {
  it('may have exactly as many bytes as the limit, and not one more', () => {
    expect(unfit({ name: 'a.pdf', size: MB5 }, limits)).toBeNull()
    expect(unfit({ name: 'a.pdf', size: MB5 + 1 }, limits)).toEqual({ code: 'too_large', size: MB5 + 1, most: MB5 })
    expect(unfit({ name: 'a.pdf', size: 0 }, limits)).toEqual({ code: 'empty' })
  })

  it('is known by its extension, in whatever case', () => {
    expect(unfit({ name: 'Receipt.PDF', size: 1 }, limits)).toBeNull()
    expect(unfit({ name: 'setup.pdf.exe', size: 1 }, limits)).toEqual({ code: 'wrong_kind', extension: 'exe' })
    expect(unfit({ name: 'pdf', size: 1 }, limits)).toEqual({ code: 'wrong_kind', extension: '' })
    expect(extensionOf('.pdf')).toBe('')
    expect(acceptOf(limits)).toBe('.png,.jpg,.pdf')
    expect([kindOf('image/png'), kindOf('audio/webm'), kindOf('video/mp4'), kindOf('text/plain'), kindOf('')])
      .toEqual(['image', 'audio', 'video', 'document', 'document'])
  })

  it('is spoken of in the units of the limit, and never rounded down to it', () => {
    expect(fileSize(512)).toBe('512 bytes')
    expect(fileSize(184_320)).toBe('180 kB')
    expect(fileSize(MB5)).toBe('5 MB')
    expect(fileSize(6_501_171)).toBe('6.2 MB')
    expect(fileSize(MB5 + 1, 'en', MB5)).not.toBe('5 MB')
    expect(Number.parseFloat(fileSize(MB5 + 100_000, 'en', MB5))).toBeGreaterThan(5)
  })
})

/** A request that does what the test tells it to. */
class Request {
  static last: Request
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {}
  headers: Record<string, string> = {}
  status = 0
  responseText = ''
  responseType = ''
  sent: unknown
  address = ''
  onload?: () => void
  onerror?: () => void
  onabort?: () => void
  constructor() {
    Request.last = this
  }
  open(_: string, address: string) {
    this.address = address
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value
  }
  send(body: unknown) {
    this.sent = body
  }
  abort() {
    this.onabort?.()
  }
  answer(status: number, body: unknown) {
    this.status = status
    this.responseText = typeof body === 'string' ? body : JSON.stringify(body)
    this.onload?.()
  }
}

describe('an upload', () => {
  beforeEach(() => void vi.stubGlobal('XMLHttpRequest', Request))
  afterEach(() => void vi.unstubAllGlobals())

  it('sends the file itself, its name in the address, and tells how far it is', async () => {
    const onProgress = vi.fn()
    const receipt = file('réçu & co.pdf')
    const answer = upload(receipt, { path: '/api/uploads', headers: () => ({ 'x-csrf-token': 'csrf' }), onProgress })
    expect(Request.last.sent).toBe(receipt)
    expect(Request.last.address).toBe('/api/uploads?name=r%C3%A9%C3%A7u%20%26%20co.pdf')
    expect(Request.last.headers['x-csrf-token']).toBe('csrf')
    Request.last.upload.onprogress?.({ loaded: 1, total: 4 })
    expect(onProgress).toHaveBeenCalledWith(0.25)
    Request.last.answer(201, stored(4))
    expect((await answer).id).toBe(4)
  })

  it('gives refusals as everywhere, and a page in between as one too', async () => {
    const refused = upload(file('a.pdf'), { path: '/u' })
    Request.last.answer(422, { code: 'wrong_content', message: 'It is no PDF.' })
    await expect(refused).rejects.toMatchObject({ error: { code: 'wrong_content' } })
    const proxied = upload(file('a.pdf'), { path: '/u' })
    Request.last.answer(413, '<html>too large</html>')
    await expect(proxied).rejects.toMatchObject({ error: { code: 'too_large' } })
    const lost = upload(file('a.pdf'), { path: '/u' })
    Request.last.onerror?.()
    await expect(lost).rejects.toMatchObject({ error: { code: 'offline' } })
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const answer = upload(file('a.pdf'), { path: '/u', signal: stop.signal })
    stop.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('the files of one message', () => {
  beforeEach(() => {
    URL.createObjectURL = () => 'blob:here'
    URL.revokeObjectURL = vi.fn()
  })

  function makeQueue() {
    let items: readonly UploadItem[] = []
    const running: { name: string; signal: AbortSignal; onProgress: (share: number) => void; done: (a: AttachmentOut) => void; fail: (e: Error) => void }[] = []
    const discard = vi.fn(async () => undefined)
    const queue = new UploadQueue({
      limits: () => limits,
      send: (each, { signal, onProgress }) => new Promise((done, fail) => {
        signal.addEventListener('abort', () => fail(new DOMException('', 'AbortError')))
        running.push({ name: each.name, signal, onProgress, done, fail })
      }),
      discard,
      onChange: now => (items = now)
    })
    return { queue, running, discard, states: () => items.map(each => each.state), items: () => items }
  }
  const settle = () => new Promise(resolve => setTimeout(resolve))

  it('go two at a time, and are handed over in the order chosen', async () => {
    const { queue, running, states } = makeQueue()
    queue.add([file('1.pdf'), file('2.pdf'), file('3.pdf')])
    expect(states()).toEqual(['sending', 'sending', 'waiting'])
    running[1]!.done(stored(2))
    await settle()
    expect(states()).toEqual(['sending', 'done', 'sending'])
    running[0]!.done(stored(1))
    running[2]!.done(stored(3))
    await queue.settled()
    expect(queue.busy).toBe(false)
    expect(queue.take().map(each => each.id)).toEqual([1, 2, 3])
    expect(queue.items).toEqual([])
  })

  it('tell how far they are', () => {
    const { queue, running, items } = makeQueue()
    queue.add([file('1.pdf')])
    running[0]!.onProgress(0.4)
    expect(items()[0]).toMatchObject({ state: 'sending', progress: 0.4 })
  })

  it('fail with the reason, and are tried again with the same file', async () => {
    const { queue, running, items, states } = makeQueue()
    queue.add([file('1.pdf')])
    running[0]!.fail(new ApiError({ code: 'offline', message: '' }))
    await queue.settled()
    expect(items()[0]).toMatchObject({ state: 'failed', error: { code: 'offline' } })
    expect(queue.stuck).toBe(true)
    queue.retry(items()[0]!.id)
    expect(running[1]).toMatchObject({ name: '1.pdf' })
    running[1]!.done(stored(1))
    await settle()
    expect(states()).toEqual(['done'])
    expect(queue.stuck).toBe(false)
  })

  it('are cancelled on their way, and thrown away once stored', async () => {
    const { queue, running, discard, items } = makeQueue()
    queue.add([file('1.pdf'), file('2.pdf')])
    queue.remove(items()[0]!.id)
    expect(running[0]!.signal.aborted).toBe(true)
    running[1]!.done(stored(2))
    await settle()
    expect(discard).not.toHaveBeenCalled()
    queue.remove(items()[0]!.id)
    expect(discard).toHaveBeenCalledExactlyOnceWith(2)
    expect(items()).toEqual([])
  })

  it('that arrive after they were taken off are thrown away as well', async () => {
    const { queue, discard } = makeQueue()
    let done: (a: AttachmentOut) => void = () => undefined
    const deaf = new UploadQueue({ limits: () => limits, send: () => new Promise(resolve => (done = resolve)), discard, onChange: () => undefined })
    deaf.add([file('1.pdf')])
    deaf.remove(deaf.items[0]!.id)
    done(stored(9))
    await settle()
    expect(discard).toHaveBeenCalledExactlyOnceWith(9)
    expect(queue.items).toEqual([])
  })

  it('beyond the most, too large or of the wrong kind stay with the reason and are not sent', () => {
    const { queue, running, items, states } = makeQueue()
    queue.add([file('1.pdf'), file('virus.exe'), file('2.pdf'), file('3.pdf'), file('4.pdf')])
    expect(states()).toEqual(['sending', 'refused', 'sending', 'waiting', 'refused'])
    expect(items().map(each => each.unfit?.code)).toEqual([undefined, 'wrong_kind', undefined, undefined, 'too_many'])
    expect(running).toHaveLength(2)
    queue.retry(items()[1]!.id)
    expect(states()[1]).toBe('refused')
  })

  it('that the desk has already are added once, and not thrown away with the message', () => {
    const { queue, discard, items } = makeQueue()
    queue.addStored([stored(7), stored(8)])
    queue.addStored([stored(7)])
    expect(items().map(each => each.attachment?.id)).toEqual([7, 8])
    queue.remove(items()[0]!.id)
    expect(discard).not.toHaveBeenCalled()
  })
})
