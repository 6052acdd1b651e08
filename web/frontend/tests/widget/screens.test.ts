import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
// What the widget fetches when it is wanted is here at once.
import '../../apps/widget/Conversation.svelte'
import '../../apps/widget/EmailForm.svelte'
import '../../apps/widget/Ended.svelte'
import '../../apps/widget/QueueCard.svelte'
import '../../apps/widget/Tray.svelte'
import { config, visitIn, type SceneName } from '../../apps/widget/fixtures'
import PreChat from '../../apps/widget/PreChat.svelte'
import Rating from '../../apps/widget/Rating.svelte'
import Thumbs from '../../apps/widget/Thumbs.svelte'
import { Visit } from '../../apps/widget/visit.svelte'
import Widget from '../../apps/widget/Widget.svelte'
import type { AttachmentOut } from '#shared/wire.gen'
import { attachment, Cardboard, chat, entry } from './cardboard'

afterEach(cleanup)

describe('the rating', () => {
  it('is five radios, sent with a comment', async () => {
    const onrate = vi.fn(async () => undefined)
    render(Rating, { given: null, onrate })
    expect(screen.getAllByRole('radio')).toHaveLength(5)
    expect(screen.queryByRole('button', { name: 'Send rating' })).toBeNull()
    await fireEvent.click(screen.getByRole('radio', { name: '4 stars out of 5' }))
    await fireEvent.input(screen.getByRole('textbox'), { target: { value: ' Kind and quick ' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Send rating' }))
    expect(onrate).toHaveBeenCalledExactlyOnceWith(4, 'Kind and quick')
  })

  it('says so when it could not be sent, and keeps the stars', async () => {
    render(Rating, { given: null, onrate: async () => Promise.reject(new Error('no line')) })
    await fireEvent.click(screen.getByRole('radio', { name: '1 star out of 5' }))
    await fireEvent.click(screen.getByRole('button', { name: 'Send rating' }))
    expect((await screen.findByRole('alert')).textContent).toContain('did not work')
    expect(screen.getByRole<HTMLInputElement>('radio', { name: '1 star out of 5' }).checked).toBe(true)
  })

  it('thanks once it is given', () => {
    render(Rating, { given: 5, onrate: async () => undefined })
    expect(screen.queryAllByRole('radio')).toEqual([])
    expect(screen.getByRole('status').textContent).toContain('Thank you')
  })
})

describe('the thumbs', () => {
  const onrate = vi.fn<(helped: boolean) => Promise<void>>(async () => undefined)
  const pressed = () => screen.getAllByRole('button').map(button => button.getAttribute('aria-pressed'))

  it('say whether an answer helped, and the last one counts', async () => {
    render(Thumbs, { helped: undefined, onrate })
    expect(pressed()).toEqual(['false', 'false'])
    await fireEvent.click(screen.getByRole('button', { name: 'This didn’t help' }))
    await fireEvent.click(screen.getByRole('button', { name: 'This didn’t help' }))
    expect(onrate.mock.calls).toEqual([[false]])
    expect(pressed()).toEqual(['false', 'true'])
    expect(screen.getByRole('status').textContent).toBe('Thank you')
    await fireEvent.click(screen.getByRole('button', { name: 'This helped' }))
    expect(onrate.mock.calls).toEqual([[false], [true]])
  })

  it('go back, and say so, when the line is gone', async () => {
    render(Thumbs, { helped: true, onrate: async () => Promise.reject(new Error('no line')) })
    await fireEvent.click(screen.getByRole('button', { name: 'This didn’t help' }))
    await waitFor(() => expect(screen.getByRole('status').textContent).toContain('didn’t get through'))
    expect(pressed()).toEqual(['true', 'false'])
  })

  it('stand under an answer that names its source, and under nothing else', async () => {
    const visit = await visitIn('bot')
    const rated = vi.spyOn(visit, 'rateAnswer').mockResolvedValue()
    render(Widget, { visit, say: vi.fn() })
    const groups = await screen.findAllByRole('group', { name: 'Did this answer help?' })
    const answers = visit.messages.filter(({ data }) => data.sources?.length)
    expect(groups).toHaveLength(answers.length)
    await fireEvent.click(screen.getAllByRole('button', { name: 'This helped' })[0]!)
    expect(rated).toHaveBeenCalledExactlyOnceWith(answers[0], true)
  })
})

describe('the form before a chat', () => {
  it('names what is wrong beside the field, and sends when all is well', async () => {
    const visit = await visitIn('form')
    const saved = vi.spyOn(visit, 'saveDetails')
    const sent = vi.spyOn(visit, 'send').mockResolvedValue()
    const onsent = vi.fn()
    render(PreChat, { visit, config, leaving: false, onsent })
    const email = screen.getByLabelText(/Email/)
    expect(email.getAttribute('aria-invalid')).toBe('true')
    await fireEvent.click(screen.getByRole('button', { name: 'Start chat' }))
    expect(saved).not.toHaveBeenCalled()
    expect(screen.getByText('Write a few words about what you need')).toBeTruthy()
    await fireEvent.input(email, { target: { value: 'adaeze@shop.example' } })
    await fireEvent.input(screen.getByLabelText(/Your message/), { target: { value: 'My calathea droops' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Start chat' }))
    await waitFor(() => expect(onsent).toHaveBeenCalled())
    expect(saved).toHaveBeenCalledWith(expect.objectContaining({ name: 'Adaeze Okonkwo', email: 'adaeze@shop.example' }))
    expect(sent.mock.lastCall?.[0]).toBe('My calathea droops')
  })
})

describe('the widget', () => {
  async function shown(name: SceneName, first?: 'chat') {
    const say = vi.fn()
    render(Widget, { visit: await visitIn(name), say, ...(first && { first }) })
    return say
  }

  it('begins at home, and in the chat when one is open', async () => {
    await shown('home')
    expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('How can we help?')
    cleanup()
    await shown('agent')
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Maya Lindholm')
    expect(await screen.findByLabelText('Maya Lindholm is typing')).toBeTruthy()
  })

  it('always offers a person while the assistant talks', async () => {
    await shown('bot')
    expect(await screen.findByRole('button', { name: 'Talk to a person' })).toBeTruthy()
    expect(screen.getByRole('button', { name: 'The 30-day plant-health guarantee' })).toBeTruthy()
  })

  it('shows the place in the queue and the way out of it', async () => {
    await shown('queue')
    expect(await screen.findByText('You’re number 3 in line')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Leave queue' })).toBeTruthy()
    expect(screen.getByRole('textbox', { name: 'Write a message' })).toBeTruthy()
  })

  it('keeps the text of what was not sent, with its reason', async () => {
    await shown('failed')
    expect(await screen.findByText(/the whole care diary/)).toBeTruthy()
    expect(screen.getByRole('alert').textContent).toContain('At most 10,000 characters')
    expect(screen.getByRole('button', { name: 'Retry' })).toBeTruthy()
  })

  it('tells the page what it needs for the badge', async () => {
    const say = await shown('agent')
    expect(say).toHaveBeenCalledWith({ parley: 'chat', open: true })
    expect(say).toHaveBeenCalledWith({ parley: 'unread', count: 0 })
  })

  it('closes by Escape', async () => {
    const say = await shown('home')
    await fireEvent.keyDown(window, { key: 'Escape' })
    expect(say).toHaveBeenLastCalledWith({ parley: 'close' })
  })

  it('begins anew below an ended chat', async () => {
    await shown('ended', 'chat')
    await fireEvent.click(await screen.findByRole('button', { name: 'New chat' }))
    expect(screen.getByText('New chat')).toBeTruthy()
    expect(screen.getByRole('textbox', { name: 'Write a message' })).toBeTruthy()
  })

  it('hides the assistant’s offers once they have been answered, sent or not', async () => {
    const visit = await visitIn('bot')
    render(Widget, { visit, say: vi.fn() })
    await fireEvent.click(await screen.findByRole('button', { name: 'It’s older than 30 days' }))
    await waitFor(() => expect(screen.queryByRole('button', { name: 'How do I send a photo?' })).toBeNull())
    expect(screen.queryByRole('button', { name: 'Talk to a person' })).toBeNull()
    expect(screen.getByText('It’s older than 30 days')).toBeTruthy()
  })

  it('keeps what is half written on the way home and back', async () => {
    await shown('agent')
    await fireEvent.input(await screen.findByRole('textbox', { name: 'Write a message' }), { target: { value: 'And one mo' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Back' }))
    await fireEvent.click(await screen.findByRole('button', { name: /Maya Lindholm/ }))
    expect((await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Write a message' })).value).toBe('And one mo')
  })

  it('shows what was edited, and leaves a stub of what was deleted', async () => {
    await shown('corrected')
    expect(await screen.findByText('Message deleted')).toBeTruthy()
    expect(screen.getByText(/^Edited/)).toBeTruthy()
    expect(screen.queryByText(/it leaves on Monday/)).toBeNull()
  })

  it('shows what a message answers, and takes a quote off again by Escape', async () => {
    await shown('quoting')
    expect(await screen.findByText('Replying to Maya Lindholm')).toBeTruthy()
    const box = screen.getByRole('textbox', { name: 'Write a message' })
    await fireEvent.keyDown(box, { key: 'Escape' })
    expect(screen.queryByText('Replying to Maya Lindholm')).toBeNull()
    await fireEvent.click(screen.getAllByRole('button', { name: 'Reply to this message' })[0]!)
    expect(screen.getByText('Replying to yourself')).toBeTruthy()
    expect(document.activeElement).toBe(box)
  })

  it('tells a blocked visitor so, calmly, and keeps the text', async () => {
    await shown('blocked', 'chat')
    expect((await screen.findByText(/isn’t taking messages from here/)).getAttribute('role')).toBe('status')
    expect(screen.getByText('But it has lost its last leaf now')).toBeTruthy()
    expect(screen.queryByRole('alert')).toBeNull()
  })

  it('says of each file why it cannot go', async () => {
    await shown('uploads')
    expect(await screen.findByText(/5\.1 MB/)).toBeTruthy()
    expect(screen.getByText(/“\.exe”/)).toBeTruthy()
  })

  it('sends what was sent off too early as soon as its files are there', async () => {
    const desk = new Cardboard()
    desk.state = { ...desk.state, chat: chat('active', 1), messages: [entry(1, 'agent')] }
    const visit = new Visit({ siteKey: 'pk_test', desk: desk.desk, keep: desk.keep, openStorage: async () => desk.storage })
    await visit.begin('/')
    let arrive: (file: AttachmentOut) => void = () => undefined
    vi.mocked(desk.desk.upload).mockImplementation(() => new Promise(resolve => (arrive = resolve)))
    const sent = vi.spyOn(visit, 'send').mockResolvedValue()
    visit.writing.draft = 'Here it is'
    await visit.writing.attach([new File(['x'], 'leaf.jpg')], config.uploads)
    render(Widget, { visit, say: vi.fn() })
    await screen.findByText('leaf.jpg')
    await fireEvent.keyDown(screen.getByRole('textbox', { name: 'Write a message' }), { key: 'Enter' })
    expect(await screen.findByText('Sends as soon as your files are uploaded')).toBeTruthy()
    expect(sent).not.toHaveBeenCalled()
    arrive(attachment({ id: 5 }))
    await waitFor(() => expect(sent).toHaveBeenCalledOnce())
    expect(sent.mock.lastCall).toEqual(['Here it is', { attachments: [expect.objectContaining({ id: 5 })] }])
  })
})

describe('instead of waiting', () => {
  it('the answer comes by e-mail', async () => {
    const visit = await visitIn('queue')
    render(Widget, { visit, say: vi.fn() })
    await fireEvent.click(await screen.findByRole('button', { name: 'Email me instead' }))
    const field = await screen.findByLabelText('Your email')
    await fireEvent.input(field, { target: { value: 'ada@' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Email me' }))
    expect((await screen.findByRole('alert')).textContent).toContain('full address')
    await fireEvent.input(field, { target: { value: 'ada@shop.example' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Email me' }))
    expect(await screen.findByText('We’ll write to ada@shop.example')).toBeTruthy()
    expect(screen.getByRole('textbox', { name: 'Write a message' })).toBeTruthy()
  })

  it('is not offered by a desk that sends no letters', async () => {
    const visit = await visitIn('queue')
    visit.config = { ...config, mail: false }
    render(Widget, { visit, say: vi.fn() })
    expect(await screen.findByRole('button', { name: 'Leave queue' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Email me instead' })).toBeNull()
  })
})

describe('while nobody is there', () => {
  it('home says when somebody will be, and a message is taken with an address', async () => {
    const visit = await visitIn('awayHome')
    render(Widget, { visit, say: vi.fn() })
    expect(screen.getByText('We’re back tomorrow at 9:00')).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: /Leave a message/ }))
    await fireEvent.input(await screen.findByLabelText('Name'), { target: { value: 'Ada' } })
    await fireEvent.input(screen.getByLabelText(/Your message/), { target: { value: 'Do you deliver?' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Send message' }))
    expect(screen.getByText(/so that we can answer/)).toBeTruthy()
    await fireEvent.input(screen.getByLabelText(/Email/), { target: { value: 'ada@shop.example' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Send message' }))
    expect(await screen.findByText('We’ll write to ada@shop.example')).toBeTruthy()
    expect(screen.getByText('Do you deliver?')).toBeTruthy()
    expect(visit.writing.draft).toBe('')
  })

  it('nothing typed is lost when it could not be left', async () => {
    const visit = await visitIn('leave')
    vi.spyOn(visit, 'leaveMessage').mockRejectedValue(new Error('no line'))
    render(Widget, { visit, say: vi.fn(), first: 'form' })
    await fireEvent.click(await screen.findByRole('button', { name: 'Send message' }))
    expect((await screen.findByRole('alert')).textContent).toContain('did not work')
    await fireEvent.click(screen.getByRole('button', { name: 'Back' }))
    await fireEvent.click(screen.getByRole('button', { name: /Leave a message/ }))
    expect((await screen.findByLabelText<HTMLTextAreaElement>(/Your message/)).value).toContain('My calathea')
    expect(screen.getByLabelText<HTMLInputElement>(/Email/).value).toBe('adaeze@shop.example')
  })

  it('the assistant still answers first', async () => {
    const visit = await visitIn('awayBot')
    render(Widget, { visit, say: vi.fn() })
    expect(screen.getByText('Fern answers right away')).toBeTruthy()
    expect(screen.getByRole('button', { name: /Send us a message/ })).toBeTruthy()
  })

  it('a team may be closed while the desk is open', async () => {
    const visit = await visitIn('form')
    visit.config = { ...config, bot_enabled: false, topics: [{ name: 'Plant care', opens_at: new Date(Date.now() + 60_000).toISOString() }] }
    render(PreChat, { visit, config: visit.config, leaving: false, onsent: vi.fn() })
    expect(screen.getByRole('button', { name: 'Start chat' })).toBeTruthy()
    visit.writing.topic = 'Plant care'
    expect(await screen.findByText(/^Plant care is back/)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Send message' })).toBeTruthy()
  })

  it('after a wait for nobody the question is kept for a message', async () => {
    const visit = await visitIn('unanswered')
    render(Widget, { visit, say: vi.fn(), first: 'chat' })
    await fireEvent.click(await screen.findByRole('button', { name: 'Leave a message' }))
    const box = await screen.findByLabelText<HTMLTextAreaElement>(/Your message/)
    expect(box.value).toBe('My calathea dropped half its leaves after a week\nok thanks. it arrived on the 3rd')
  })
})

describe('the transcript', () => {
  it('goes to an address', async () => {
    const visit = await visitIn('ended')
    const mailed = vi.spyOn(visit, 'mailTranscript')
    render(Widget, { visit, say: vi.fn(), first: 'chat' })
    await fireEvent.click(await screen.findByRole('button', { name: 'Email transcript' }))
    await fireEvent.input(await screen.findByLabelText('Your email'), { target: { value: 'ada@shop.example' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Send transcript' }))
    expect(await screen.findByText('The transcript is on its way to ada@shop.example.')).toBeTruthy()
    expect(mailed).toHaveBeenCalledExactlyOnceWith('ada@shop.example')
  })
})
