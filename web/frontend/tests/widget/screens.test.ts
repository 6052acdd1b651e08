import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
// What the widget fetches when it is wanted is here at once.
import '../../apps/widget/Conversation.svelte'
import '../../apps/widget/QueueCard.svelte'
import { config, visitIn, type SceneName } from '../../apps/widget/fixtures'
import PreChat from '../../apps/widget/PreChat.svelte'
import Rating from '../../apps/widget/Rating.svelte'
import Widget from '../../apps/widget/Widget.svelte'

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
})
