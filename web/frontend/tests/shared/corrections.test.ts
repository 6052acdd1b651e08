import { ChatStore } from '#shared/store/chats'
import { visitorView } from '#shared/store/views'
import type { VisitorChat, VisitorMessage } from '#shared/wire.gen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { visitorChat, visitorMessage } from './samples'

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

it('comes to the same in whatever order the news arrives', () => {
  const news = [original(1), edit(2, 1, 'Monday'), original(3), edit(4, 1, 'Tuesday'), edit(5, 3, 'At nine'), deletion(6, 3)]
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
  expect(told(news).map(each => each.body).filter(Boolean)).toEqual(['Tuesday'])
})
