import { ChatStore } from '#shared/store/chats'
import { corrected } from '#shared/store/corrections'
import { consoleView, visitorView } from '#shared/store/views'
import type { ChatOut, MessageOut, VisitorChat, VisitorMessage } from '#shared/wire.gen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chatOut, messageOut, visitorChat, visitorMessage } from './samples'

const at = (second: number) => new Date(Date.UTC(2026, 10, 14, 16, 2, second)).toISOString()
const author = { kind: 'system', name: '', hue: 0 } as const
const original = (seq: number) => visitorMessage(seq, { created_at: at(seq), data: { quick_replies: ['Yes'] } })
const idOf = (seq: number) => original(seq).id

function edit(seq: number, target: number, text: string) {
  return visitorMessage(seq, {
    kind: 'event', author, body: '', created_at: at(seq), data: { event: 'message_edited', target_id: idOf(target), text }
  })
}

function deletion(seq: number, target: number) {
  return visitorMessage(seq, {
    kind: 'event', author, body: '', created_at: at(seq), data: { event: 'message_deleted', target_id: idOf(target) }
  })
}

function store() {
  const made = new ChatStore<VisitorChat, VisitorMessage>(visitorView, new Map())
  made.putPage(1, [])
  made.putChat(visitorChat())
  made.open(1)
  return made
}

const first = (of: ReturnType<typeof store>) => of.messages(1).find(each => each.id === idOf(1))

describe('a thumb on an answer', () => {
  const thumb = (seq: number, helped: boolean) =>
    messageOut(seq, { kind: 'event', body: '', created_at: at(seq), data: { event: 'answer_rated', target_id: messageOut(1).id, helped } })

  it('shows at the answer, and the last one counts', () => {
    const answer = messageOut(1)
    expect(corrected([answer, thumb(2, false)])[0]).toEqual({ ...answer, data: { ...answer.data, helped: false } })
    expect(corrected([answer, thumb(2, false), thumb(3, true)])[0]!.data.helped).toBe(true)
  })
})

describe('an edit', () => {
  it('changes what the message says, and says when', () => {
    const made = store()
    for (const news of [original(1), original(2), edit(3, 1, 'Monday')]) made.putMessage(news)
    expect(first(made)).toMatchObject({ body: 'Monday', edited_at: at(3), data: { quick_replies: ['Yes'] } })
    expect(made.messages(1).find(each => each.id === idOf(2))).toEqual(original(2))
  })

  it('of a message fetched after it changes nothing back', () => {
    const made = store()
    const now = { ...original(1), body: 'Tuesday', edited_at: at(4) }
    made.putPage(1, [now, original(2), edit(3, 1, 'Monday')])
    expect(first(made)).toEqual(now)
    made.putMessage(edit(4, 1, 'Tuesday'))
    expect(first(made)?.body).toBe('Tuesday')
  })

  it('of a message that is not here is kept for nobody', () => {
    const made = store()
    made.putMessage(edit(1, 9, 'Monday'))
    expect(made.messages(1)).toHaveLength(1)
  })
})

describe('a deletion', () => {
  it('leaves a stub, whatever is told afterwards', () => {
    const made = store()
    for (const news of [original(1), deletion(2, 1), edit(3, 1, 'Monday')]) made.putMessage(news)
    expect(first(made)).toMatchObject({ body: '', data: {}, deleted_at: at(2), edited_at: null })
  })
})

describe('words that are repeated', () => {
  const quoting = (seq: number, target: number, body: string) =>
    visitorMessage(seq, { data: { quote: { id: idOf(target), author_kind: 'agent', author_name: 'Femi', body } } })

  it('are corrected in quotes and in earlier corrections too', () => {
    const made = store()
    for (const news of [original(1), edit(2, 1, 'Monday'), quoting(3, 1, 'Monday'), edit(4, 1, 'Tuesday')]) made.putMessage(news)
    expect(made.messages(1).map(each => each.data.quote?.body ?? each.data.text)).toEqual([undefined, 'Tuesday', 'Tuesday', 'Tuesday'])
    made.putMessage(deletion(5, 1))
    expect(JSON.stringify(made.messages(1))).not.toMatch(/Monday|Tuesday/)
    expect(made.messages(1)[2]?.data.quote).toMatchObject({ body: '', deleted: true })
  })

  it('are cut in a quote where the server cuts them, between characters', () => {
    const made = store()
    for (const news of [original(1), quoting(2, 1, ''), edit(3, 1, '🌱'.repeat(300))]) made.putMessage(news)
    expect(made.messages(1)[1]?.data.quote?.body).toBe('🌱'.repeat(200))
  })

  it('are not made anew when they read right already', () => {
    const list = corrected([original(1), edit(2, 1, 'Monday'), quoting(3, 1, 'Monday')])
    expect(corrected(list)).toBe(list)
  })
})

describe('the chat of a correction', () => {
  const owner = { id: 9, name: 'Femi', hue: 1 }
  const correction = (event: string) => messageOut(4, {
    kind: 'event', body: '', author: { kind: 'agent', ...owner }, data: { event, target_id: 103, text: 'Monday' }
  })

  it.each(['message_edited', 'message_deleted'])('has nothing more to read after %s', event => {
    const made = new ChatStore<ChatOut, MessageOut>(consoleView, new Map())
    made.putChat(chatOut({ all_seq: 3, pub_seq: 3, agent_read_seq: 3, owner }))
    made.putMessage(correction(event))
    expect(made.chat(1)).toMatchObject({ pub_seq: 4, agent_read_seq: 4, unread: 0, last_message: null })
  })

  it('is as unread as the server counts when there was something to read before', () => {
    const made = new ChatStore<ChatOut, MessageOut>(consoleView, new Map())
    made.putChat(chatOut({ all_seq: 3, pub_seq: 3, agent_read_seq: 1, unread: 2, owner }))
    made.putMessage(correction('message_deleted'))
    expect(made.chat(1)).toMatchObject({ agent_read_seq: 1, unread: 3 })
  })
})

it('comes to the same in whatever order the news arrives', () => {
  const quote = { id: idOf(3), author_kind: 'agent', author_name: 'Femi', body: 'message 3' } as const
  const news = [
    original(1),
    edit(2, 1, 'Monday'),
    { ...original(3), data: {} },
    { ...original(4), data: { quote } },
    edit(5, 1, 'Tuesday'),
    edit(6, 3, 'At nine'),
    deletion(7, 3)
  ]
  const told = (order: readonly VisitorMessage[]) => {
    const made = store()
    for (const each of order) made.putMessage(each)
    return made.messages(1)
  }
  fc.assert(
    fc.property(fc.shuffledSubarray(news, { minLength: news.length }), order => {
      expect(told(order)).toEqual(told(news))
    })
  )
  expect(told(news).map(each => each.body).filter(Boolean)).toEqual(['Tuesday', 'message 4'])
})
