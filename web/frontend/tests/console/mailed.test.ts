import { Toasts } from '#shared/kit/toasts.svelte'
import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import type { Component } from 'svelte'
import { describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import type { Server } from '../../apps/console/data/server'
import Notifications from '../../apps/console/settings/Notifications.svelte'
import { me } from './fixtures'
import Framed from './Framed.svelte'
import { refusal, standInConsole } from './stand_ins'

const mail = { on: false, possible: true, address: 'maya@northbank.example' }

async function open(server: Partial<Server>, permissions = me().permissions) {
  const { console } = standInConsole([], { me: me({ permissions }), server: { mailCalls: async () => mail, ...server } })
  const toasts = new Toasts()
  render(Framed, { props: { frame: { console, toasts } as unknown as Frame, screen: Notifications as unknown as Component<Record<string, unknown>>, given: {} } })
  await waitFor(() => expect(document.querySelector('h1')).toBeTruthy())
  return { toasts }
}
const box = () => screen.getByRole<HTMLInputElement>('switch', { name: /Mail me what customers write/ })

describe('what calls one', () => {
  it.each([[['chat.answer', 'desk.edit'], true], [['chat.answer'], false]])('with %j: what does not get through, %s', async (permissions, listed) => {
    await open({}, permissions)
    expect(screen.queryByRole('checkbox', { name: 'Sound: Messages that don’t get through' }) !== null).toBe(listed)
    expect(screen.queryByText('Somebody waits too long')).toBeNull()
  })
})

describe('letters while away', () => {
  it('are off, say where they would go, and are switched on', async () => {
    const setMailCalls = vi.fn(async (on: boolean) => ({ ...mail, on }))
    await open({ setMailCalls })
    await waitFor(() => expect(screen.getByText(/Letters go to maya@northbank.example/)).toBeTruthy())
    expect(box().checked).toBe(false)
    await fireEvent.click(box())
    expect(setMailCalls).toHaveBeenCalledWith(true)
    await waitFor(() => expect(box().checked).toBe(true))
  })

  it('stay off where that is refused', async () => {
    const { toasts } = await open({ setMailCalls: vi.fn(async () => Promise.reject(refusal({ code: 'no_mailbox', message: 'No mailbox.' }))) })
    await waitFor(() => expect(box().disabled).toBe(false))
    await fireEvent.click(box())
    await waitFor(() => expect(toasts.items).toHaveLength(1))
    expect(box().checked).toBe(false)
  })

  it('need a mailbox that proves senders', async () => {
    await open({ mailCalls: async () => ({ ...mail, possible: false }) })
    await waitFor(() => expect(screen.getByText(/This needs a connected mailbox/)).toBeTruthy())
    expect(box().disabled).toBe(true)
  })

  it('can be asked about again where they could not be read', async () => {
    const mailCalls = vi.fn<Server['mailCalls']>().mockRejectedValueOnce(refusal({ code: 'busy' })).mockResolvedValue(mail)
    await open({ mailCalls })
    await waitFor(() => expect(screen.getByText('This couldn’t be read.')).toBeTruthy())
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    await waitFor(() => expect(box().disabled).toBe(false))
  })

  it('are nothing for who answers nobody', async () => {
    await open({}, ['chat.read'])
    expect(screen.queryByRole('switch', { name: /Mail me/ })).toBeNull()
  })
})
