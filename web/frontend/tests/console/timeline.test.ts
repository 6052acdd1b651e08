import { describe, expect, it } from 'vitest'
import { tick } from '../../apps/console/rules/ticks'
import { timeline } from '../../apps/console/rules/timeline'
import { at, chat, message } from './fixtures'

const none = { unsent: [], readTo: null }
const maya = { kind: 'agent', id: 1, name: 'Maya Lindholm', hue: 340 } as const
const types = (entries: ReturnType<typeof timeline>) => entries.map(entry => entry.type)

describe('the log', () => {
  it('opens each day once', () => {
    const entries = timeline([message(1), message(2), message(3, { created_at: at(172_800) })], none)
    expect(types(entries)).toEqual(['day', 'bubble', 'bubble', 'day', 'bubble'])
  })

  it('groups one author’s words, and parts them after five minutes, a note or somebody else', () => {
    const entries = timeline([message(1), message(2), message(3, { author: maya }), message(4, { kind: 'note', pub_seq: null, author: maya }), message(5, { author: maya, created_at: at(400) })], none)
    const edges = entries.flatMap(entry => (entry.type === 'bubble' ? [[entry.first, entry.last]] : []))
    expect(edges).toEqual([[true, false], [false, true], [true, true], [true, true]])
  })

  it('draws the New line before the first words not read, and never before one’s own', () => {
    const entries = timeline([message(1), message(2, { author: maya }), message(3)], { unsent: [], readTo: 1 })
    expect(types(entries)).toEqual(['day', 'bubble', 'bubble', 'new', 'bubble'])
  })

  it('drops an unsent message once it is stored, and keeps its key', () => {
    const unsent = [{ client_id: 'c-1', body: 'Hello', internal: false, quote: null, files: [], at: at(9), failed: false }]
    const before = timeline([message(1)], { unsent, readTo: null })
    const after = timeline([message(1), message(2, { author: maya, client_id: 'c-1' })], { unsent, readTo: null })
    expect(types(before)).toEqual(['day', 'bubble', 'unsent'])
    expect(types(after)).toEqual(['day', 'bubble', 'bubble'])
    expect(after.at(-1)!.key).toBe(before.at(-1)!.key)
  })
})

describe('ticks', () => {
  it('grow from sent to read, for one’s own public words only', () => {
    const mine = message(4, { author: maya })
    const reached = (customer_delivered_seq: number, customer_read_seq: number) => chat({ customer_delivered_seq, customer_read_seq })
    expect(tick(mine, reached(3, 2))).toBe('sent')
    expect(tick(mine, reached(4, 2))).toBe('delivered')
    expect(tick(mine, reached(4, 4))).toBe('read')
    expect(tick(message(4), reached(4, 4))).toBeNull()
    expect(tick(message(4, { author: maya, pub_seq: null }), reached(4, 4))).toBeNull()
  })
})
