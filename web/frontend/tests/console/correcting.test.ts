import { describe, expect, it } from 'vitest'
import { lastEditable, mayDelete, mayEdit } from '../../apps/console/rules/correcting'
import { at, chat, message, START } from './fixtures'

const maya = { kind: 'agent', id: 1, name: 'Maya', hue: 0 } as const
const me = { id: 1, supervises: false }
const mine = chat({ state: 'active', owner: { id: 1, name: 'Maya', hue: 0 }, customer_read_seq: 3 })
const now = START + 10_000

describe('putting one’s own words right', () => {
  it('is possible until the customer has read them', () => {
    expect(mayEdit(message(4, { author: maya }), mine, me, now)).toBe(true)
    expect(mayEdit(message(3, { author: maya }), mine, me, now)).toBe(false)
  })

  it('is for one’s own words in one’s own chat alone, and not for what was deleted', () => {
    expect(mayEdit(message(4, { author: { ...maya, id: 2 } }), mine, me, now)).toBe(false)
    expect(mayEdit(message(4), mine, me, now)).toBe(false)
    expect(mayEdit(message(4, { author: maya }), { ...mine, owner: { id: 2, name: 'Femi', hue: 0 } }, me, now)).toBe(false)
    expect(mayEdit(message(4, { author: maya, deleted_at: at(5) }), mine, me, now)).toBe(false)
  })

  it('is not offered for files alone', () => {
    expect(mayEdit(message(4, { author: maya, body: '' }), mine, me, now)).toBe(false)
  })

  it('is possible for a note for a quarter of an hour', () => {
    const note = message(4, { author: maya, kind: 'note', pub_seq: null })
    expect(mayEdit(note, mine, me, START + 4_000 + 15 * 60_000 - 1)).toBe(true)
    expect(mayEdit(note, mine, me, START + 4_000 + 15 * 60_000)).toBe(false)
  })

  it('begins with the last of them', () => {
    const said = [message(4, { author: maya }), message(5, { author: maya }), message(6, { author: maya, kind: 'note', pub_seq: null }), message(7)]
    expect(lastEditable(said, mine, me, now, 'text')?.id).toBe(5)
    expect(lastEditable(said, mine, me, now, 'note')?.id).toBe(6)
    expect(lastEditable(said, { ...mine, customer_read_seq: 5 }, me, now, 'text')).toBeNull()
  })
})

describe('taking words back', () => {
  const ended = { ...mine, state: 'ended' as const, owner: null, ended_at: at(0) }
  const femis = message(4, { author: { ...maya, id: 2 } })

  it('is for one’s own while the chat is open, read or not, and for a supervisor anybody’s', () => {
    expect(mayDelete(message(2, { author: maya }), mine, me, now)).toBe(true)
    expect(mayDelete(femis, mine, me, now)).toBe(false)
    expect(mayDelete(femis, mine, { id: 1, supervises: true }, now)).toBe(true)
    expect(mayDelete(message(4), mine, { id: 1, supervises: true }, now)).toBe(false)
  })

  it('after the end is for supervisors, and for one’s own notes, during three days', () => {
    expect(mayDelete(message(4, { author: maya }), ended, me, now)).toBe(false)
    expect(mayDelete(message(4, { author: maya, kind: 'note', pub_seq: null }), ended, me, now)).toBe(true)
    expect(mayDelete(femis, ended, { id: 1, supervises: true }, now)).toBe(true)
    expect(mayDelete(femis, ended, { id: 1, supervises: true }, START + 72 * 3_600_000)).toBe(false)
  })
})
