import { describe, expect, it } from 'vitest'
import { freeUntil, isClosing, objection, refuses } from '../../apps/console/rules/sendable'
import { tick } from '../../apps/console/rules/ticks'
import { chat, message } from './fixtures'

const can = {
  longest: 100, media: { image: 1000, document: 5000 }, caption: 0, buttons: 3, window_h: 24, templates: true,
  receipts: 'read', edits: false, deletes: false, deletes_h: null, quotes: true, subjects: false, formats: false, live: false
} as const
const NOON = Date.parse('2026-11-28T12:00:00Z')
const UNTIL = NOON + 3_600_000
const whatsapp = { id: 2, kind: 'whatsapp', name: 'Shop', can: { ...can }, reply_until: '2026-11-28T13:00:00+00:00' }

describe('what a channel cannot send', () => {
  it('is nothing on the website', () => {
    expect(objection({ id: 1, kind: 'web', name: 'Website' }, 'x'.repeat(9000), [{ name: 'a.mp4', kind: 'video', size: 9 }], null, NOON)).toBeNull()
  })

  it('is anything once its window is closed', () => {
    expect(objection(whatsapp, 'Hello', [], UNTIL, UNTIL - 1)).toBeNull()
    const late = objection(whatsapp, 'Hello', [], UNTIL, UNTIL)
    expect(late).toEqual({ kind: 'window', hours: 24 })
    expect(refuses(late)).toBe(true)
  })

  it('is a file of a kind or a size that it does not take', () => {
    const files = (kind: string, size: number) => [{ name: 'f', kind, size }]
    expect(objection(whatsapp, '', files('image', 1000), UNTIL, NOON)).toBeNull()
    expect(objection(whatsapp, '', files('image', 1001), UNTIL, NOON)).toEqual({ kind: 'file', name: 'f' })
    expect(objection(whatsapp, '', files('video', 1), UNTIL, NOON)).toEqual({ kind: 'file', name: 'f' })
  })

  it('says in how many pieces a long text goes, and lets it go', () => {
    const long = objection(whatsapp, 'x'.repeat(201), [], UNTIL, NOON)
    expect(long).toEqual({ kind: 'parts', count: 3 })
    expect(refuses(long)).toBe(false)
  })
})

describe('until when anything may be written', () => {
  const wrote = (at: string) => message(5, { created_at: at, author: { kind: 'customer', id: 1, name: 'Ada', hue: 0 } })
  const answered = message(6, { created_at: '2026-11-28T11:59:00Z', author: { kind: 'agent', id: 1, name: 'Maya', hue: 0 } })

  it('is always where there is no window, and never where they have not written', () => {
    expect(freeUntil({ id: 1, kind: 'web', name: 'Website' }, [])).toBeNull()
    expect(freeUntil({ ...whatsapp, can: { ...can, window_h: null } }, [])).toBeNull()
    expect(freeUntil({ ...whatsapp, reply_until: null }, [answered])).toBe(0)
  })

  it('moves on when the customer writes, and not when we do', () => {
    expect(freeUntil(whatsapp, [wrote('2026-11-27T13:00:00Z'), answered])).toBe(UNTIL)
    expect(freeUntil(whatsapp, [wrote('2026-11-28T11:00:00Z'), answered])).toBe(Date.parse('2026-11-29T11:00:00Z'))
  })

  it('is said in its last hours', () => {
    expect([isClosing(UNTIL, NOON), isClosing(UNTIL, UNTIL), isClosing(UNTIL, NOON - 4 * 3_600_000), isClosing(null, NOON)]).toEqual([true, false, false, false])
  })
})

describe('how far a message is', () => {
  const agent = { kind: 'agent', id: 1, name: 'Maya', hue: 0 } as const
  const delivery = (state: 'queued' | 'sent' | 'read' | 'unknown' | 'dead') => ({ id: 1, state, code: null, error: null })

  it('is what its channel says, whatever the customer has read elsewhere', () => {
    const read = chat({ customer_read_seq: 9 })
    expect(tick(message(4, { author: agent, delivery: delivery('queued') }), read)).toBe('sending')
    expect(tick(message(4, { author: agent, delivery: delivery('sent') }), read)).toBe('sent')
    expect(tick(message(4, { author: { ...agent, kind: 'bot' }, delivery: delivery('dead') }), read)).toBe('failed')
    expect(tick(message(4, { author: agent, delivery: delivery('unknown') }), read)).toBe('unknown')
    expect(tick(message(4, { author: agent }), read)).toBe('read')
  })
})
