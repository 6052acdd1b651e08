import type { VisitorMessage, VisitorSend } from '#shared/wire.gen'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '#shared/api'
import { config } from '../../apps/widget/fixtures'
import { attachment, Cardboard, chat, entry } from './cardboard'

let desk: Cardboard

beforeEach(() => {
  vi.useFakeTimers()
  desk = new Cardboard()
  return () => vi.useRealTimers()
})

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
const bodies = (messages: readonly VisitorMessage[]) => messages.map(message => message.body)
const asked = (event: string) => desk.asked.filter(each => each.event === event).map(each => each.payload)

/** A desk that stores what it is sent, each `client_id` once. */
function storing(chatId = 1, from = 0): VisitorMessage[] {
  const stored: VisitorMessage[] = []
  desk.replies['message:send'] = ({ client_id, body }: VisitorSend) => {
    let message = stored.find(each => each.client_id === client_id)
    if (!message) {
      message = entry(from + stored.length + 1, 'customer', { id: chatId * 100 + stored.length, chat_id: chatId, client_id, body })
      stored.push(message)
    }
    return { ok: true, data: { message, chat: chat('bot', message.pub_seq, { id: chatId }) } }
  }
  return stored
}

describe('a visit', () => {
  it('opens no socket before there is something to say', async () => {
    const visit = await desk.visit()
    expect(desk.connect).not.toHaveBeenCalled()
    storing()
    await visit.send('Hello')
    await settle()
    expect(desk.connect).toHaveBeenCalledOnce()
    expect(bodies(visit.messages)).toEqual(['Hello'])
    expect(visit.unsent).toEqual([])
    expect(visit.chat?.state).toBe('bot')
  })

  it('opens it at once for an open chat, and not for an ended one', async () => {
    desk.state = { ...desk.state, chat: chat('ended', 1), messages: [entry(1, 'customer')] }
    await desk.visit()
    expect(desk.connect).not.toHaveBeenCalled()
    desk.state = { ...desk.state, chat: chat('active', 1) }
    await desk.visit()
    expect(desk.connect).toHaveBeenCalledOnce()
  })

  it('says why it could not begin', async () => {
    vi.mocked(desk.desk.open).mockRejectedValueOnce(new Error('no line'))
    const visit = await desk.visit()
    expect(visit.config).toBeNull()
    expect(visit.trouble?.code).toBe('unknown')
  })
})

describe('what the desk tells', () => {
  beforeEach(() => {
    desk.state = { ...desk.state, chat: chat('bot', 1), messages: [entry(1, 'customer')] }
  })

  it('moves the chat from the assistant over the queue to a person, and to its end', async () => {
    const visit = await desk.visit()
    desk.tell('chat:changed', chat('queued', 1, { version: 2, team_name: 'Plant care' }))
    desk.tell('queue:place', { chat_id: 1, position: 2, wait_low_s: null, wait_high_s: null, opens_at: null })
    expect([visit.chat?.state, visit.place?.position]).toEqual(['queued', 2])
    desk.tell('chat:changed', chat('active', 1, { version: 3, agent: { name: 'Maya', hue: 0 } }))
    expect([visit.chat?.agent?.name, visit.place]).toEqual(['Maya', null])
    desk.tell('chat:changed', chat('queued', 1, { version: 2 }))
    expect(visit.chat?.state).toBe('active')
    desk.tell('chat:changed', chat('ended', 1, { version: 4 }))
    expect(visit.isOpen).toBe(false)
  })

  it('is applied once, in order, and holes are asked for', async () => {
    const visit = await desk.visit()
    desk.replies['chat:sync'] = () => ({ ok: true, data: { messages: [entry(2, 'bot')], head: 3, more: false } })
    desk.tell('message:new', entry(3, 'bot'))
    desk.tell('message:new', entry(3, 'bot'))
    expect(bodies(visit.messages)).toEqual(['number 1'])
    await settle(400)
    expect(asked('chat:sync')).toEqual([{ chat_id: 1, after: 1 }])
    expect(bodies(visit.messages)).toEqual(['number 1', 'number 2', 'number 3'])
  })

  it('heals by heads when the line was deaf', async () => {
    const visit = await desk.visit()
    desk.replies['chat:sync'] = () => ({ ok: true, data: { messages: [entry(2, 'agent')], head: 2, more: false } })
    desk.tell('heads', { heads: [{ chat_id: 1, seq: 2, version: 1 }] })
    await settle(400)
    expect(visit.messages).toHaveLength(2)
  })

  it('counts as unread until it is looked at, and the desk is told which', async () => {
    const visit = await desk.visit()
    desk.tell('message:new', entry(2, 'agent'))
    expect(visit.unread).toBe(1)
    expect(asked('chat:read')).toEqual([{ chat_id: 1, seq: 2, only_delivered: true }])
    visit.setReading(true)
    expect(visit.unread).toBe(0)
    expect(asked('chat:read').at(-1)).toEqual({ chat_id: 1, seq: 2 })
    expect(desk.seen.get(1)).toBe(2)
  })

  it('shows who types until they speak, or stop', async () => {
    const visit = await desk.visit()
    const typing = { chat_id: 1, kind: 'agent', id: 1, name: 'Maya', on: true } as const
    desk.tell('chat:typing', typing)
    expect(visit.typing?.name).toBe('Maya')
    desk.tell('message:new', entry(2, 'agent'))
    expect(visit.typing).toBeNull()
    desk.tell('chat:typing', typing)
    await settle(5000)
    expect(visit.typing).toBeNull()
  })

  it('ticks by receipts that only grow', async () => {
    const visit = await desk.visit()
    desk.tell('chat:receipt', { chat_id: 1, side: 'agent', delivered_seq: 1, read_seq: 0 })
    expect(visit.episodes[0]).toMatchObject({ agentDelivered: 1, agentRead: 0 })
    desk.tell('chat:receipt', { chat_id: 1, side: 'agent', delivered_seq: 1, read_seq: 1 })
    desk.tell('chat:receipt', { chat_id: 1, side: 'agent', delivered_seq: 0, read_seq: 0 })
    expect(visit.episodes[0]).toMatchObject({ agentDelivered: 1, agentRead: 1 })
  })

  it('makes a new visitor of one the desk has forgotten', async () => {
    const visit = await desk.visit()
    desk.state = { ...desk.state, chat: null, messages: [] }
    desk.tell('cut:off', { reason: 'expired' })
    await settle()
    expect(desk.desk.open).toHaveBeenCalledTimes(2)
    expect(desk.desk.open).toHaveBeenLastCalledWith(expect.objectContaining({ token: null }))
    expect(visit.chat).toBeNull()
  })
})

describe('sending', () => {
  it('keeps what is written without a line, and sends it once when it is back', async () => {
    desk.state = { ...desk.state, chat: chat('active', 0) }
    desk.status = { state: 'offline', since: 0, retryAt: 0 }
    const visit = await desk.visit()
    const stored = storing()
    await visit.send('one')
    await visit.send('two')
    await settle(3000)
    expect([stored.length, visit.unsent.length]).toEqual([0, 2])
    desk.become({ state: 'connected' })
    await settle(100)
    expect(bodies(stored)).toEqual(['one', 'two'])
    expect(bodies(visit.messages)).toEqual(['one', 'two'])
    expect(visit.unsent).toEqual([])
  })

  it('repeats with the same client_id when the answer got lost', async () => {
    desk.state = { ...desk.state, chat: chat('active', 0) }
    const visit = await desk.visit()
    const stored = storing()
    const answer = desk.replies['message:send']!
    desk.replies['message:send'] = payload => {
      answer(payload)
      desk.replies['message:send'] = answer
      return { ok: false, error: { code: 'timeout', message: '' } }
    }
    await visit.send('once')
    await settle(5000)
    expect(asked('message:send')).toHaveLength(2)
    expect(stored).toHaveLength(1)
    expect(bodies(visit.messages)).toEqual(['once'])
  })

  it('gives a refused text back with its reason, and tries again when asked', async () => {
    desk.state = { ...desk.state, chat: chat('active', 0) }
    const visit = await desk.visit()
    desk.replies['message:send'] = () => ({ ok: false, error: { code: 'too_large', message: 'Too long.' } })
    await visit.send('a very long story')
    await settle()
    expect(visit.unsent[0]).toMatchObject({ body: 'a very long story', state: 'failed', error: { message: 'Too long.' } })
    storing()
    await visit.retry(visit.unsent[0]!.client_id)
    await settle()
    expect(bodies(visit.messages)).toEqual(['a very long story'])
  })

  it('goes on in a new chat after the end, below the earlier one', async () => {
    desk.state = { ...desk.state, chat: chat('ended', 2), messages: [entry(1, 'customer'), entry(2, 'agent')] }
    const visit = await desk.visit()
    storing(2)
    await visit.send('one more thing')
    await settle()
    expect(visit.chat).toMatchObject({ id: 2, state: 'bot' })
    expect(visit.episodes.map(episode => episode.entries.length)).toEqual([2, 1])
  })

  it('sends what an earlier page left behind', async () => {
    const stored = storing()
    await desk.storage.put({ client_id: 'left-behind', line: 'visit', body: 'still there?', extra: {}, written_at: Date.now(), state: 'sending', error: null })
    await desk.visit()
    await settle()
    expect(bodies(stored)).toEqual(['still there?'])
  })
})

describe('asking', () => {
  it('for a person moves the chat, or begins one', async () => {
    storing()
    const visit = await desk.visit()
    await visit.askForPerson('A person, please')
    await settle()
    expect(bodies(visit.messages)).toEqual(['A person, please'])
    await visit.askForPerson('A person, please')
    expect(desk.desk.askForPerson).toHaveBeenCalledWith(1)
    expect(visit.chat?.state).toBe('queued')
  })

  it('rates an ended chat', async () => {
    desk.state = { ...desk.state, chat: chat('ended', 1), messages: [entry(1, 'agent')] }
    const visit = await desk.visit()
    await visit.rate(4, 'Kind and quick')
    expect(desk.desk.rate).toHaveBeenCalledWith(1, 4, 'Kind and quick')
    expect(visit.chat?.rating).toBe(4)
  })

  it('catches up when somebody was quicker', async () => {
    desk.state = { ...desk.state, chat: chat('queued', 1), messages: [entry(1, 'customer')] }
    const visit = await desk.visit()
    vi.mocked(desk.desk.leave).mockRejectedValueOnce(new Error('state_conflict'))
    desk.state = { ...desk.state, chat: chat('active', 1, { version: 5 }) }
    await expect(visit.leave()).rejects.toThrow()
    await settle()
    expect(visit.chat?.state).toBe('active')
  })
})

describe('while nobody is there', () => {
  const who = { name: 'Ada', email: 'ada@shop.example', topic: '' }

  it('a message is left once, however often it is tried', async () => {
    const visit = await desk.visit()
    vi.mocked(desk.desk.leaveMessage).mockRejectedValueOnce(new ApiError({ code: 'timeout', message: '' }))
    await expect(visit.leaveMessage('Do you deliver?', who)).rejects.toThrow()
    await visit.leaveMessage('Do you deliver?', who)
    const [first, second] = vi.mocked(desk.desk.leaveMessage).mock.calls.map(([message]) => message)
    expect(second).toEqual(first)
    expect(visit.chat).toMatchObject({ state: 'queued', reply_by_email: true })
    expect([bodies(visit.messages), visit.email, visit.name]).toEqual([['Do you deliver?'], 'ada@shop.example', 'Ada'])
  })

  it('other words after a failed attempt are another message', async () => {
    const visit = await desk.visit()
    vi.mocked(desk.desk.leaveMessage).mockRejectedValueOnce(new ApiError({ code: 'timeout', message: '' }))
    await expect(visit.leaveMessage('Do you deliver?', who)).rejects.toThrow()
    await visit.leaveMessage('Do you deliver to Ankara?', who)
    const ids = vi.mocked(desk.desk.leaveMessage).mock.calls.map(([message]) => message.client_id)
    expect(new Set(ids).size).toBe(2)
  })

  it('the desk is asked whether it is open, and its last word stands when it does not answer', async () => {
    const visit = await desk.visit()
    expect(visit.opensAt).toBeNull()
    vi.mocked(desk.desk.config).mockResolvedValueOnce({ ...config, opens_at: '2026-11-23T08:00:00Z' })
    await visit.recheckOpening()
    expect(visit.opensAt).toBe('2026-11-23T08:00:00Z')
    vi.mocked(desk.desk.config).mockRejectedValueOnce(new ApiError({ code: 'offline', message: '' }))
    await visit.recheckOpening()
    expect(visit.opensAt).toBe('2026-11-23T08:00:00Z')
  })

  it('the hours of the team that is waited for are those that count', async () => {
    const place = { chat_id: 1, position: 1, wait_low_s: null, wait_high_s: null, opens_at: '2026-11-24T08:00:00Z' }
    desk.state = { ...desk.state, chat: chat('queued', 1), messages: [entry(1, 'customer')], place }
    const visit = await desk.visit()
    expect(visit.opensAt).toBe('2026-11-24T08:00:00Z')
    desk.state = { ...desk.state, place: { ...place, opens_at: null } }
    await visit.recheckOpening()
    expect(visit.opensAt).toBeNull()
  })
})

describe('instead of waiting', () => {
  it('an address is left, and known from then on', async () => {
    desk.state = { ...desk.state, chat: chat('queued', 1), messages: [entry(1, 'customer')] }
    const visit = await desk.visit()
    await visit.emailInstead('ada@shop.example')
    expect(desk.desk.emailInstead).toHaveBeenCalledWith(1, 'ada@shop.example')
    expect([visit.chat?.reply_by_email, visit.email]).toEqual([true, 'ada@shop.example'])
  })
})

describe('a message', () => {
  const quote = { id: 5, author_kind: 'agent', author_name: 'Maya', body: 'Where is it?' } as const

  it('takes its files and its quote along', async () => {
    const visit = await desk.visit()
    storing()
    await visit.send('', { quote, attachments: [attachment({ id: 31 }), attachment({ id: 32 })] })
    await settle()
    expect(asked('message:send')).toEqual([expect.objectContaining({ body: '', quote_id: 5, attachment_ids: [31, 32] })])
  })

  it('goes without its quote when what it quotes is gone', async () => {
    const visit = await desk.visit()
    const stored = storing()
    const answer = desk.replies['message:send']!
    desk.replies['message:send'] = payload =>
      'quote_id' in (payload as VisitorSend) ? { ok: false, error: { code: 'unknown_message', message: '' } } : answer(payload)
    await visit.send('On the shelf', { quote })
    await settle()
    expect(bodies(stored)).toEqual(['On the shelf'])
    expect(visit.unsent).toEqual([])
  })

  it('of somebody who is blocked is kept, and can be taken back', async () => {
    const visit = await desk.visit()
    desk.replies['message:send'] = () => ({ ok: false, error: { code: 'blocked', message: 'You cannot write to us.' } })
    await visit.send('Let me in')
    await settle()
    expect(visit.blocked).toBe(true)
    expect(visit.unsent[0]).toMatchObject({ body: 'Let me in', state: 'failed' })
    await visit.takeBack(visit.unsent[0]!)
    expect([visit.unsent, visit.writing.draft, visit.blocked]).toEqual([[], 'Let me in', false])
  })

  it('that was edited or deleted reads so', async () => {
    desk.state = { ...desk.state, chat: chat('active', 2), messages: [entry(1, 'agent'), entry(2, 'agent')] }
    const visit = await desk.visit()
    desk.tell('message:new', entry(3, 'agent', { kind: 'event', body: '', data: { event: 'message_edited', target_id: 1, text: 'On Monday' } }))
    desk.tell('message:new', entry(4, 'agent', { kind: 'event', body: '', data: { event: 'message_deleted', target_id: 2 } }))
    expect(bodies(visit.messages).slice(0, 2)).toEqual(['On Monday', ''])
    expect(visit.messages[0]?.edited_at).not.toBeNull()
    expect(visit.messages[1]?.deleted_at).not.toBeNull()
    expect(visit.unread).toBe(0)
  })
})

describe('what the desk says unasked', () => {
  const lying = { id: 5, body: 'Parcels move again.', placed_at: new Date(2026, 2, 14, 9).toISOString(), seen: false }

  it('counts as unread until it was looked at', async () => {
    desk.state = { ...desk.state, notices: { items: [lying], wanted: true } }
    const visit = await desk.visit()
    expect(visit.unread).toBe(1)
    await visit.heed('seen')
    expect(visit.unread).toBe(0)
    expect(visit.notices.items).toHaveLength(1)
  })

  it('is answered with the next message, which names it once', async () => {
    desk.state = { ...desk.state, notices: { items: [lying], wanted: true } }
    const visit = await desk.visit()
    storing()
    visit.writing.answerNotice(lying, 'Fernhill & Co.')
    visit.writing.draft = 'Which parcel?'
    const { body, extra } = visit.writing.take()
    await visit.send(body, extra)
    await settle()
    await visit.send('Hello?')
    await settle()
    expect(asked('message:send')).toMatchObject([{ body: 'Which parcel?', notice_id: 5 }, { body: 'Hello?' }])
    expect(asked('message:send')[0]).not.toHaveProperty('quote_id')
    expect(asked('message:send')[1]).not.toHaveProperty('notice_id')
  })

  it('is told at once to whoever has been here before, without a chat', async () => {
    desk.keep.token = 'from an earlier visit'
    const visit = await desk.visit()
    expect(desk.connect).toHaveBeenCalledOnce()
    desk.tell('notices:changed', { items: [lying], wanted: true })
    expect(visit.unseenNotices).toBe(1)
  })

  it('is told while a line is open, and asked for where there is none', async () => {
    desk.state = { ...desk.state, chat: chat('active', 1), messages: [entry(1, 'customer')] }
    const visit = await desk.visit()
    desk.tell('notices:changed', { items: [lying], wanted: true })
    expect(visit.unseenNotices).toBe(1)

    desk = new Cardboard()
    const later = await desk.visit()
    desk.state = { ...desk.state, notices: { items: [lying], wanted: true } }
    await later.recheckOpening()
    expect(later.unseenNotices).toBe(1)
  })

  it('is put away, stopped, and had back', async () => {
    desk.state = { ...desk.state, notices: { items: [lying], wanted: true } }
    const visit = await desk.visit()
    await visit.heed(false)
    expect(visit.notices.wanted).toBe(false)
    await visit.heed(true)
    await visit.heed('5/close')
    expect(visit.notices).toEqual({ items: [], wanted: true })
  })
})
