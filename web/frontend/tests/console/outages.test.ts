import type { AlarmOut } from '#shared/wire.gen'
import { Toasts } from '#shared/kit/toasts.svelte'
import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import type { Component } from 'svelte'
import { describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import { here } from '../../apps/console/place.svelte'
import OutageBanner from '../../apps/console/shell/OutageBanner.svelte'
import { at, me } from './fixtures'
import Framed from './Framed.svelte'
import { refusal, standInConsole } from './stand_ins'

const alarm = (over: Partial<AlarmOut> = {}): AlarmOut => ({
  id: 1, about: 'channel', about_id: 4, name: 'Shop bot', dead: 0, waiting: 0, unread: 0, cut_off: false, error: null, began_at: at(0), ...over
})

async function open(items: AlarmOut[], permissions: string[] = ['chat.read', 'desk.edit'], lostSeen = vi.fn(async () => ({ items: [] as AlarmOut[] }))) {
  const alarms = vi.fn(async () => ({ items }))
  const made = standInConsole([], { me: me({ permissions }), server: { alarms, lostSeen } })
  const toasts = new Toasts()
  await made.console.load()
  render(Framed, { props: { frame: { console: made.console, toasts } as unknown as Frame, screen: OutageBanner as unknown as Component<Record<string, unknown>>, given: {} } })
  return { ...made, alarms, lostSeen, toasts }
}

describe('what does not get through', () => {
  it('is said to those who keep the channels, with the way there', async () => {
    const { tell, alarms } = await open([alarm({ dead: 2, waiting: 1 }), alarm({ id: 2, about_id: 5 })])
    const said = screen.getByRole('alert')
    expect(said.textContent).toContain('Messages don’t get through by Shop bot.')
    expect(said.textContent).toContain('1 message has waited over 10 minutes. 2 messages were given up.')
    expect(said.textContent).toContain('And 1 other alarm.')
    expect(screen.queryByRole('button', { name: /put this alarm away/ })).toBeNull() // one still waits
    await fireEvent.click(screen.getByRole('button', { name: 'See why' }))
    expect([here.setting, here.settingItem]).toEqual(['channels', '4'])

    alarms.mockResolvedValue({ items: [] })
    tell('catalogue:changed', { what: 'alarms' })
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
  })

  it('is put away by whoever has looked at it', async () => {
    const { lostSeen } = await open([alarm({ unread: 1 })])
    await fireEvent.click(screen.getByRole('button', { name: /put this alarm away/ }))
    expect(lostSeen).toHaveBeenCalledWith(4)
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
  })

  it('stays when that fails, and says so', async () => {
    const { toasts } = await open([alarm({ dead: 1 })], undefined, vi.fn(async () => Promise.reject(refusal({ code: 'busy' }))))
    await fireEvent.click(screen.getByRole('button', { name: /put this alarm away/ }))
    await waitFor(() => expect(toasts.items).toHaveLength(1))
    expect(screen.getByRole('alert')).toBeTruthy()
  })

  it('says that a webhook was switched off', async () => {
    await open([alarm({ about: 'webhook', name: 'CRM' })])
    expect(screen.getByRole('alert').textContent).toContain('The webhook CRM was switched off.')
    expect(screen.queryByRole('button', { name: /put this alarm away/ })).toBeNull()
  })

  it('is nobody else’s matter', async () => {
    const { alarms } = await open([alarm({ dead: 1 })], ['chat.read', 'chat.answer'])
    expect(alarms).not.toHaveBeenCalled()
    expect(screen.queryByRole('alert')).toBeNull()
  })
})
