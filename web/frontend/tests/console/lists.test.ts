import { describe, expect, it } from 'vitest'
import { belongs, inOrder, settle } from '../../apps/console/rules/lists'
import { agent, at, chat } from './fixtures'

const reader = { agent: agent(), readsAll: false, supervises: false }
const owner = { id: 1, name: 'Maya Lindholm', hue: 340 }

describe('which list a chat stands in', () => {
  it('follows its state and owner', () => {
    expect(belongs('queue', chat(), reader)).toBe(true)
    expect(belongs('queue', chat({ state: 'active', owner }), reader)).toBe(false)
    expect(belongs('mine', chat({ state: 'active', owner }), reader)).toBe(true)
    expect(belongs('mine', chat({ state: 'active', owner: { ...owner, id: 2 } }), reader)).toBe(false)
    expect(belongs('bot', chat({ state: 'bot' }), reader)).toBe(true)
  })

  it('keeps other teams’ queues out, unless the reader may see all', () => {
    const elsewhere = chat({ team: { id: 9, name: 'Loans', hue: 75 } })
    expect(belongs('queue', elsewhere, reader)).toBe(false)
    expect(belongs('queue', elsewhere, { ...reader, readsAll: true })).toBe(true)
    expect(belongs('queue', chat({ team: null }), reader)).toBe(true)
  })
})

describe('order', () => {
  it('of the queue is urgency, then the original waiting time', () => {
    const chats = [chat({ id: 1, queued_at: at(30) }), chat({ id: 2, queued_at: at(10) }), chat({ id: 3, queued_at: at(60), priority: 1 })]
    expect(inOrder('queue', chats, reader).map(each => each.id)).toEqual([3, 2, 1])
  })

  it('of one’s own chats is the newest words first', () => {
    const said = (id: number, seconds: number) =>
      chat({ id, state: 'active', owner, last_message: { author_kind: 'customer', author_id: 7, body: 'Hi', at: at(seconds) } })
    expect(inOrder('mine', [said(1, 5), said(2, 9), said(3, 7)], reader).map(each => each.id)).toEqual([2, 3, 1])
  })

  it('stands still under the pointer and says how many wait to be shown', () => {
    expect(settle([1, 2, 3], [4, 3, 1, 5], true)).toEqual({ shown: [1, 3], heldBack: 2 })
    expect(settle([1, 2, 3], [4, 3, 1, 5], false)).toEqual({ shown: [4, 3, 1, 5], heldBack: 0 })
    expect(settle([], [4], true)).toEqual({ shown: [4], heldBack: 0 })
  })
})
