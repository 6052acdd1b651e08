import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Drafts, TELL_AFTER } from '../../apps/console/data/drafts.svelte'
import { TypingBook, TypingTeller } from '../../apps/console/data/typing.svelte'

beforeEach(() => localStorage.clear())

describe('drafts', () => {
  it('outlive the page, for their own agent alone', () => {
    new Drafts(1).keep(7, { reply: 'Half a sent' })
    expect(new Drafts(1).of(7)).toEqual({ reply: 'Half a sent', note: '' })
    expect(new Drafts(1).waits(7)).toBe(true)
    expect(new Drafts(2).waits(7)).toBe(false)
  })

  it('leave nothing behind when they are empty', () => {
    const drafts = new Drafts(1)
    drafts.keep(7, { note: 'For later' })
    drafts.keep(7, { note: '' })
    expect(localStorage.length).toBe(0)
  })

  it('put a refused text before what was typed since', () => {
    const drafts = new Drafts(1)
    drafts.keep(7, { reply: 'typed since' })
    drafts.giveBack(7, 'reply', 'refused')
    expect(drafts.of(7).reply).toBe('refused\ntyped since')
  })

  it('survive something unreadable in their place', () => {
    localStorage.setItem('parley.draft.1.7', '{')
    expect(new Drafts(1).of(7).reply).toBe('')
  })
})

describe('drafts on the server', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const withServer = (answer = true) => {
    const tell = vi.fn(async () => answer)
    return { tell, drafts: new Drafts(1, tell) }
  }

  it('are told when the hands rest, the newest words alone', async () => {
    const { tell, drafts } = withServer()
    drafts.keep(7, { reply: 'Hel' })
    await vi.advanceTimersByTimeAsync(TELL_AFTER - 1)
    drafts.keep(7, { reply: 'Hello' })
    await vi.advanceTimersByTimeAsync(TELL_AFTER - 1)
    expect(tell).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(tell.mock.calls).toEqual([[7, 'reply', 'Hello']])
  })

  it('are cleared on both sides at once when they are sent', async () => {
    const { tell, drafts } = withServer()
    drafts.keep(7, { reply: 'Hello' })
    await vi.advanceTimersByTimeAsync(TELL_AFTER)
    drafts.keep(7, { reply: '' })
    await vi.advanceTimersByTimeAsync(0)
    expect(tell).toHaveBeenLastCalledWith(7, 'reply', '')
    expect(localStorage.length).toBe(0)
  })

  it('that were sent before the server heard of them are no news to it', async () => {
    const { tell, drafts } = withServer()
    drafts.keep(7, { reply: 'Hi' })
    drafts.keep(7, { reply: '' })
    await vi.advanceTimersByTimeAsync(TELL_AFTER)
    expect(tell).not.toHaveBeenCalled()
  })

  it('of another device are shown where nothing was typed here', () => {
    const { drafts } = withServer()
    drafts.adopt(7, { reply: 'From the phone', note: '' })
    expect(drafts.of(7).reply).toBe('From the phone')
    drafts.adopt(7, { reply: '', note: '' })
    expect(drafts.of(7).reply).toBe('')
  })

  it('give way to newer words of this device, which the server is told again', async () => {
    const { tell, drafts } = withServer()
    drafts.keep(7, { reply: 'Typed here' })
    drafts.adopt(7, { reply: 'From the phone', note: 'A note' })
    expect(drafts.of(7)).toEqual({ reply: 'Typed here', note: 'A note' })
    await vi.advanceTimersByTimeAsync(0)
    expect(tell.mock.calls).toEqual([[7, 'reply', 'Typed here']])
  })

  it('that the server did not take are still newer after a reload', () => {
    const { drafts } = withServer(false)
    drafts.keep(7, { reply: 'Typed offline' })
    const reloaded = new Drafts(1)
    reloaded.adopt(7, { reply: 'Older', note: '' })
    expect(reloaded.of(7).reply).toBe('Typed offline')
  })
})

describe('typing', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is told at once and then at most every three seconds', () => {
    const tell = vi.fn()
    const teller = new TypingTeller(tell)
    teller.typed(0)
    teller.typed(1_000)
    teller.typed(2_999)
    expect(tell.mock.calls).toEqual([[true]])
    teller.typed(3_000)
    teller.stopped()
    teller.stopped()
    expect(tell.mock.calls).toEqual([[true], [true], [false]])
  })

  it('is forgotten after five seconds, or when the words arrive', () => {
    vi.useFakeTimers()
    const book = new TypingBook()
    const typing = { chat_id: 1, kind: 'customer', id: 7, name: 'Adaeze', on: true } as const
    book.hear(typing)
    expect(book.customerIn(1)).toBe(true)
    vi.advanceTimersByTime(5_000)
    expect(book.customerIn(1)).toBe(false)
    book.hear(typing)
    book.said(1, 'customer', 7)
    expect(book.customerIn(1)).toBe(false)
  })
})
