import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChatStore } from '#shared/store/chats'
import { consoleView, visitorView } from '#shared/store/views'
import type { ChatOut, MessageOut, VisitorChat, VisitorMessage } from '#shared/wire.gen'
import { chatOut, messageOut, visitorChat, visitorMessage } from './samples'

const consoleStore = () => new ChatStore<ChatOut, MessageOut>(consoleView, new Map())
const visitorStore = () => new ChatStore<VisitorChat, VisitorMessage>(visitorView, new Map())
const seqs = (messages: readonly MessageOut[]) => messages.map(each => each.all_seq)

describe('messages', () => {
  it('are applied in turn, once, and kept aside when early', () => {
    const store = consoleStore()
    store.putChat(chatOut({ all_seq: 3, pub_seq: 3 }))
    store.open(1)
    store.putMessage(messageOut(6))
    store.putMessage(messageOut(4))
    store.putMessage(messageOut(4))
    expect(seqs(store.messages(1))).toEqual([4])
    expect(store.lack(1)).toBe('messages')
    store.putMessage(messageOut(5))
    expect(seqs(store.messages(1))).toEqual([4, 5, 6])
    expect(store.lack(1)).toBeNull()
  })

  it('move the chat on: unread, last message, counters', () => {
    const store = consoleStore()
    store.putChat(chatOut({ all_seq: 3, pub_seq: 2, agent_read_seq: 2, owner: { id: 9, name: 'Femi', hue: 1 } }))
    store.putMessage(messageOut(4, { pub_seq: 3, body: 'Hello?' }))
    store.putMessage(messageOut(5, { pub_seq: null, kind: 'note', body: 'VIP' }))
    expect(store.chat(1)).toMatchObject({ all_seq: 5, pub_seq: 3, unread: 1, last_message: { body: 'Hello?' } })
  })

  it('count as read by whoever writes', () => {
    const store = consoleStore()
    store.putChat(chatOut({ all_seq: 3, pub_seq: 3, unread: 3, owner: { id: 9, name: 'Femi', hue: 1 } }))
    store.putMessage(messageOut(4, { author: { kind: 'agent', id: 9, name: 'Femi', hue: 1 } }))
    expect(store.chat(1)).toMatchObject({ unread: 0, agent_read_seq: 4, first_replied_at: messageOut(4).created_at })
    store.putMessage(messageOut(5))
    expect(store.chat(1)).toMatchObject({ unread: 1, customer_read_seq: 5, customer_delivered_seq: 5 })
  })

  it('of an unknown chat say that the chat is missing', () => {
    const store = consoleStore()
    store.putMessage(messageOut(12))
    expect(store.lack(1)).toBe('chat')
    store.putChat(chatOut({ all_seq: 12, pub_seq: 12 }))
    expect(store.lack(1)).toBeNull()
    expect(seqs(store.messages(1))).toEqual([12])
  })

  it('that were fetched join the run, older ones before and newer ones after', () => {
    const store = consoleStore()
    store.putChat(chatOut({ all_seq: 10, pub_seq: 10 }))
    store.putMessage(messageOut(11))
    store.putPage(1, [8, 9, 10, 11].map(seq => messageOut(seq)))
    expect(seqs(store.messages(1))).toEqual([8, 9, 10, 11])
    expect(store.hasOlder(1)).toBe(true)
    store.putPage(1, [1, 2, 3, 4, 5, 6, 7].map(seq => messageOut(seq)))
    expect(seqs(store.messages(1))).toHaveLength(11)
    expect(store.hasOlder(1)).toBe(false)
  })

  it('fetched from beyond the run take its place, for a run has no holes', () => {
    const store = consoleStore()
    store.putChat(chatOut({ all_seq: 2, pub_seq: 2 }))
    store.putPage(1, [messageOut(1), messageOut(2)])
    store.putPage(1, [messageOut(90), messageOut(91)])
    expect(seqs(store.messages(1))).toEqual([90, 91])
  })
})

describe('chats', () => {
  it('are replaced by the higher (version, number) only', () => {
    const store = consoleStore()
    store.putChat(chatOut({ version: 2, all_seq: 5, state: 'active' }))
    store.putChat(chatOut({ version: 1, all_seq: 9, state: 'queued' }))
    expect(store.chat(1)).toMatchObject({ version: 2, state: 'active' })
    store.putChat(chatOut({ version: 2, all_seq: 6, priority: 2 }))
    expect(store.chat(1)?.priority).toBe(2)
  })

  it('that arrive after their own later messages are brought up to them', () => {
    const store = consoleStore()
    store.putChat(chatOut({ version: 1, all_seq: 3, pub_seq: 3 }))
    store.putMessage(messageOut(4, { body: 'later' }))
    store.putChat(chatOut({ version: 2, all_seq: 3, pub_seq: 3 }))
    expect(store.chat(1)).toMatchObject({ version: 2, all_seq: 4, last_message: { body: 'later' } })
  })

  it('keep the receipts that have got furthest, whoever brought them', () => {
    const store = consoleStore()
    store.putChat(chatOut({ version: 1, customer_read_seq: 1 }))
    store.putReceipt({ chat_id: 1, side: 'customer', delivered_seq: 3, read_seq: 3 })
    store.putReceipt({ chat_id: 1, side: 'customer', delivered_seq: 2, read_seq: 2 })
    store.putChat(chatOut({ version: 2, customer_read_seq: 2 }))
    expect(store.chat(1)).toMatchObject({ version: 2, customer_read_seq: 3, customer_delivered_seq: 3 })
  })

  it('that nobody looks at skip the words they missed', () => {
    const store = consoleStore()
    store.putChat(chatOut({ version: 1, all_seq: 3 }))
    store.putMessage(messageOut(4))
    store.putChat(chatOut({ version: 2, all_seq: 9 }))
    expect(store.lack(1)).toBe('place')
    store.skip(1)
    expect(store.lack(1)).toBeNull()
    store.putMessage(messageOut(10))
    expect(seqs(store.messages(1))).toEqual([10])
  })
})

describe('heads', () => {
  it('tell what is unknown and what is behind', () => {
    const store = consoleStore()
    store.putChat(chatOut({ version: 1, all_seq: 3 }))
    store.open(1)
    expect(store.putHeads({ heads: [{ chat_id: 1, seq: 5, version: 1 }, { chat_id: 2, seq: 1, version: 1 }] })).toEqual([2])
    expect(store.lack(1)).toBe('messages')
    store.putHeads({ heads: [{ chat_id: 1, seq: 5, version: 3 }] })
    expect(store.lack(1)).toBe('chat')
  })
})

describe('the visitor', () => {
  it('counts public entries and nothing else', () => {
    const store = visitorStore()
    store.putChat(visitorChat({ pub_seq: 1 }))
    store.putMessage(visitorMessage(2))
    expect(store.chat(1)?.pub_seq).toBe(2)
    expect(store.messages(1).map(each => each.pub_seq)).toEqual([2])
  })
})

describe('any order of news and one sync', () => {
  const LENGTH = 12
  /** What the server would have told, one entry after another; every third entry is a change of the chat. */
  const told = Array.from({ length: LENGTH }, (_, i) => {
    const seq = i + 1
    const message = messageOut(seq, { pub_seq: seq, body: `message ${seq}` })
    const chat = seq % 3 === 0 ? chatAt(seq) : null
    return { message, chat }
  })

  function chatAt(seq: number): ChatOut {
    const last = messageOut(seq, { body: `message ${seq}` })
    return chatOut({
      version: 1 + Math.floor(seq / 3),
      all_seq: seq,
      pub_seq: seq,
      unread: seq,
      customer_read_seq: seq,
      customer_delivered_seq: seq,
      owner: { id: 9, name: 'Femi', hue: 1 },
      last_message: { author_kind: 'customer', author_id: 5, body: last.body, at: last.created_at }
    })
  }

  it('give the same store', () => {
    const news = told.flatMap(({ message, chat }) => (chat ? [{ message }, { chat }] : [{ message }]))
    const orders = fc
      .tuple(fc.shuffledSubarray(news), fc.shuffledSubarray(news))
      .map(([some, again]): { message?: MessageOut; chat?: ChatOut }[] => [...some, ...again])
    fc.assert(
      fc.property(orders, order => {
        const store = consoleStore()
        store.putChat({ ...chatAt(0), last_message: null })
        store.open(1)
        for (const { message, chat } of order) {
          if (message) store.putMessage(message)
          if (chat) store.putChat(chat)
        }
        store.putHeads({ heads: [{ chat_id: 1, seq: LENGTH, version: 1 + LENGTH / 3 }] })
        if (store.lack(1) === 'chat') store.putChat(chatAt(LENGTH))
        store.putPage(1, told.slice(store.applied(1)).map(each => each.message))
        expect(store.lack(1)).toBeNull()
        expect(seqs(store.messages(1))).toEqual(told.map(each => each.message.all_seq))
        expect(store.chat(1)).toEqual(chatAt(LENGTH))
      })
    )
  })
})
