import { Toasts } from '#shared/kit/toasts.svelte'
import type { MessageOut } from '#shared/wire.gen'
import { fireEvent, render, screen } from '@testing-library/svelte'
import { describe, expect, it, vi } from 'vitest'
import LogMessage from '../../apps/console/conversation/LogMessage.svelte'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Session } from '../../apps/console/data/session.svelte'
import { mailNote, originalOf } from '../../apps/console/rules/mail'
import Framed from './Framed.svelte'
import { chat, message } from './fixtures'
import { standInConsole } from './stand_ins'

const aside = {
  kind: 'email', from: 'ada@example.com', subject: 'My order', quoted: 'On Friday Fernhill wrote:\n> It left us.', sender: 'unknown',
  checks: { spf: 'pass', dmarc: 'none' }, remote_images: 0, broken: false
}

function show(channel: Record<string, unknown> | undefined, over: Partial<MessageOut> = {}) {
  const { console } = standInConsole([chat({ id: 1 })])
  const toasts = new Toasts()
  const frame = { session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection() }
  const given = message(4, { body: 'It is not here.', data: channel === undefined ? {} : { channel }, ...over })
  render(Framed, { frame, screen: LogMessage as never, given: { message: given, chat: chat({ id: 1 }), first: true, last: true } })
}

describe('a message that came as a mail', () => {
  it('can be saved as it came, for a month', () => {
    show(aside, { created_at: new Date().toISOString() })
    const link = screen.getByRole('link', { name: 'Save the original' })
    expect([link.getAttribute('href'), link.hasAttribute('download')]).toEqual(['/api/chats/1/messages/4/original', true])
    expect(originalOf(message(4), Date.parse(message(4).created_at) + 30 * 86_400_000)).toBeNull()
  })

  it('says by which form it was written', () => {
    show({ ...aside, form: 'forms@shop.example' })
    expect(screen.getByText('Written in the form of forms@shop.example')).toBeTruthy()
  })


  it('stands under its subject, and what it answers to is folded until somebody asks', async () => {
    show(aside)
    expect(screen.getByText('My order')).toBeTruthy()
    expect(screen.queryByText(/It left us/u)).toBeNull()
    const button = screen.getByRole('button', { name: 'Show quoted text', expanded: false })
    await fireEvent.click(button)
    expect(screen.getByText(/It left us/u).textContent).toBe(aside.quoted)
    await fireEvent.click(screen.getByRole('button', { name: 'Hide quoted text', expanded: true }))
    expect(screen.queryByText(/It left us/u)).toBeNull()
  })

  it.each([['passed', 'Sender verified: ada@example.com'], ['unknown', 'Sender not verified: ada@example.com'], ['failed', 'Sender check failed: this may not come from ada@example.com'], ['nonsense', 'Sender not verified: ada@example.com']])('says who vouches for its sender: %s', (sender, words) => {
    show({ ...aside, sender })
    expect(screen.getByText(words).closest('p')?.title).toBe('spf=pass · dmarc=none')
  })

  it('counts the pictures that were not loaded and says when it is damaged', () => {
    show({ ...aside, quoted: '', remote_images: 3, broken: true })
    expect(screen.getByText('3 pictures from elsewhere weren’t loaded')).toBeTruthy()
    expect(screen.getByText('This mail arrived damaged. Something may be missing.')).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Show quoted text' })).toBeNull()
  })

  it('shows what it holds as text, whatever is written in it', async () => {
    show({ ...aside, subject: '<img src=x onerror=alert(1)>', quoted: '<script>alert(1)</script>' })
    await fireEvent.click(screen.getByRole('button', { name: 'Show quoted text' }))
    expect(document.querySelector('img, script')).toBeNull()
    expect(screen.getByText('<script>alert(1)</script>')).toBeTruthy()
  })

  it('says nothing of this when the message was deleted or came another way', () => {
    show(aside, { deleted_at: '2026-11-28T10:00:00Z', body: '' })
    show({ kind: 'telegram' })
    show(undefined)
    expect(screen.queryByText(/Sender/u)).toBeNull()
    expect(mailNote(undefined)).toBeNull()
  })
})
