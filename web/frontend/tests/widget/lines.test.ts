import { describe, expect, it } from 'vitest'
import { personOf, quickReplies, unseen, wentUnanswered } from '../../apps/widget/answers'
import { blocksOf } from '#shared/blocks'
import { chatOf } from '../../apps/widget/fixtures'
import { linesOf, stillUnsent, type Episode, type Unsent } from '../../apps/widget/lines'
import { faultsIn } from '../../apps/widget/prechat'
import { transcriptOf } from '../../apps/widget/transcript'
import { TypingSignal } from '../../apps/widget/typing'
import { placeInWords, waitInWords } from '../../apps/widget/wait'
import { entry } from './cardboard'

const episode = (entries: Episode['entries'], more: Partial<Episode> = {}): Episode => ({
  chatId: entries[0]?.chat_id ?? 1, entries, agentRead: 0, agentDelivered: 0, ...more
})
const unsent = (client_id: string): Unsent => ({
  client_id, line: 'visit', body: 'wait for me', extra: {}, written_at: 0, state: 'sending', error: null
})

describe('the lines of the log', () => {
  it('group what one author says in one breath', () => {
    const entries = [entry(1, 'agent', { minute: 0 }), entry(2, 'agent', { minute: 1 }), entry(3, 'agent', { minute: 20 }), entry(4, 'customer', { minute: 20 })]
    const said = linesOf([episode(entries)], []).filter(line => line.kind === 'said')
    expect(said.map(line => [line.first, line.last])).toEqual([[true, false], [false, true], [true, true], [true, true]])
  })

  it('tick what is sent, delivered and read', () => {
    const entries = [1, 2, 3].map(seq => entry(seq, 'customer'))
    const said = linesOf([episode(entries, { agentRead: 1, agentDelivered: 2 })], []).filter(line => line.kind === 'said')
    expect(said.map(line => line.tick)).toEqual(['read', 'delivered', 'sent'])
  })

  it('keep earlier chats above a separator, and may begin anew below the last', () => {
    const two = [episode([entry(1, 'customer')]), episode([entry(1, 'customer', { chat_id: 2 })])]
    expect(linesOf(two, []).map(line => line.kind)).toEqual(['day', 'said', 'separator', 'said'])
    expect(linesOf(two.slice(0, 1), [], true).at(-1)?.kind).toBe('separator')
  })

  it('leave out events without words', () => {
    expect(linesOf([episode([entry(1, 'system', { body: '' })])], [])).toEqual([])
  })

  it('show a waiting message until its row is here, under one key', () => {
    const before = linesOf([], [unsent('mine-0001')])
    const after = linesOf([episode([entry(1, 'customer', { client_id: 'mine-0001' })])], [unsent('mine-0001')])
    expect(before.map(line => line.kind)).toEqual(['unsent'])
    expect(after.map(line => line.kind)).toEqual(['day', 'said'])
    expect(after[1]?.key).toBe(before[0]?.key)
    expect(stillUnsent([unsent('mine-0002')], [])).toHaveLength(1)
  })
})

describe('answers', () => {
  it('count as unseen only when somebody said something', () => {
    const entries = [entry(1, 'agent'), entry(2, 'system'), entry(3, 'customer'), entry(4, 'bot')]
    expect([unseen(entries, 0), unseen(entries, 1), unseen(entries, 4)]).toEqual([2, 1, 0])
  })

  it('are missing where the wait ended without anybody', () => {
    const queued = entry(2, 'system', { data: { event: 'queued' } })
    const ended = (by: 'system' | 'customer' | 'agent') => entry(3, by, { kind: 'event', data: { event: 'ended' } })
    const left = chatOf('ended', [])
    expect(wentUnanswered(left, [entry(1, 'customer'), queued, ended('system')])).toBe(true)
    expect(wentUnanswered(left, [entry(1, 'customer'), queued, ended('customer')])).toBe(true)
    expect(wentUnanswered(left, [entry(1, 'customer'), queued, ended('agent')])).toBe(false)
    expect(wentUnanswered(left, [entry(1, 'customer'), entry(2, 'bot'), ended('system')])).toBe(false)
    expect(wentUnanswered({ ...left, agent: { name: 'Maya', hue: 0 } }, [queued, ended('system')])).toBe(false)
    // Who closed it has not spoken, and is not introduced.
    expect(personOf(left, [entry(1, 'customer'), ended('agent')])).toBeNull()
  })

  it('offer quick replies only under the assistant’s newest word', () => {
    const offers = entry(1, 'bot', { data: { quick_replies: ['Yes', 'Talk to a person'] } })
    expect(quickReplies(chatOf('bot', [offers]), [offers], false)).toEqual(['Yes', 'Talk to a person'])
    expect(quickReplies(chatOf('bot', [offers]), [offers, entry(2, 'customer')], false)).toEqual([])
    expect(quickReplies(chatOf('queued', [offers]), [offers], false)).toEqual([])
    // What is on its way has been answered too.
    expect(quickReplies(chatOf('bot', [offers]), [offers], true)).toEqual([])
  })
})

describe('the queue in words', () => {
  const place = (position: number, low: number | null, high: number | null) => ({ chat_id: 1, position, wait_low_s: low, wait_high_s: high, opens_at: null })

  it('is honest about what it knows', () => {
    expect(placeInWords(place(1, null, null))).toBe('You’re next in line')
    expect(placeInWords(place(3, 0, 0))).toBe('You’re number 3 in line')
    expect(placeInWords(null)).toBe('You’re in line')
    expect(waitInWords(place(3, 150, 280))).toBe('About 3 to 5 minutes.')
    expect(waitInWords(place(3, 61, 115))).toBe('About 2 minutes.')
    expect(waitInWords(place(1, 10, 45))).toBe('Less than a minute.')
    expect(waitInWords(place(1, null, null))).toContain('as soon as possible')
  })
})

describe('the form', () => {
  const full = { name: 'Adaeze', email: '', message: 'Hello' }

  it('wants a name and a message, and an address only when there is one', () => {
    expect(faultsIn(full)).toEqual({})
    expect(faultsIn({ ...full, email: 'adaeze@shop.example' })).toEqual({})
    expect(faultsIn({ name: ' ', email: 'adaeze@', message: '' })).toEqual({
      name: 'form.name_missing', email: 'form.email_wrong', message: 'form.message_missing'
    })
  })

  it('says when the message is too long', () => {
    expect(faultsIn({ ...full, message: 'x'.repeat(10_001) })).toEqual({ message: 'form.message_long' })
  })
})

describe('typing', () => {
  it('is said at most every three seconds, and once when it is over', () => {
    let clock = 0
    const said: boolean[] = []
    const signal = new TypingSignal(on => said.push(on), () => clock)
    for (clock = 0; clock <= 6000; clock += 500) signal.typed('hello')
    expect(said).toEqual([true, true, true])
    signal.typed('')
    signal.over()
    expect(said).toEqual([true, true, true, false])
  })
})

describe('an article', () => {
  it('becomes paragraphs, headings and lists', () => {
    expect(blocksOf('First line\ngoes on.\n\n## Then\n- one\n- two\n1. step\nAfter')).toEqual([
      { kind: 'paragraph', text: 'First line goes on.' },
      { kind: 'heading', text: 'Then' },
      { kind: 'list', items: ['one', 'two'] },
      { kind: 'steps', items: ['step'] },
      { kind: 'paragraph', text: 'After' }
    ])
  })
})

describe('the transcript', () => {
  it('is plain text with names, times and events', () => {
    const entries = [
      entry(1, 'customer', { body: 'Hello\nthere' }), entry(2, 'system', { body: 'Maya joined the chat' }),
      entry(3, 'agent', { body: 'Hi' }), entry(4, 'system', { body: '' })
    ]
    expect(transcriptOf(entries, { title: 'Chat', you: 'You', deleted: '(deleted)', at: () => '10:40' })).toBe(
      'Chat\n\n[10:40] You: Hello\n    there\n[10:40] Maya joined the chat\n[10:40] Maya: Hi\n'
    )
  })
})
