import type { AlarmOut } from '#shared/wire.gen'
import { Toasts } from '#shared/kit/toasts.svelte'
import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import type { Component } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import { prefs } from '../../apps/console/data/prefs.svelte'
import { here } from '../../apps/console/place.svelte'
import { DEFAULT_CALLING } from '../../apps/console/rules/calls'
import { attend, type Attention } from '../../apps/console/shell/attention.svelte'
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

const play = vi.hoisted(() => vi.fn(async () => true))
vi.mock('#shared/sound', () => ({ play, soundState: () => 'ready', unlockSound: async () => true }))

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

describe('when something no longer gets through', () => {
  let attention: Attention
  beforeEach(() => {
    play.mockClear()
    prefs.sound = true
    prefs.calling = structuredClone(DEFAULT_CALLING)
    attention = attend(new Toasts(), 1, vi.fn())
  })
  afterEach(() => attention.stop())

  async function listening(items: AlarmOut[], permissions?: string[]) {
    const made = await open(items, permissions)
    Object.assign(made.listeners, attention.listeners)
    const stands = async (...now: AlarmOut[]) => {
      const asked = made.alarms.mock.calls.length
      made.alarms.mockResolvedValue({ items: now })
      made.tell('catalogue:changed', { what: 'alarms' })
      await waitFor(() => expect(made.alarms.mock.calls.length).toBeGreaterThan(asked))
      await waitFor(() => expect(made.console.outages.standing).toEqual(now))
    }
    return { ...made, stands }
  }

  it('those who keep the channels hear it once for each outbreak; what stood when they came they read', async () => {
    const { stands } = await listening([alarm()])
    await stands(alarm({ dead: 3 }))
    expect(play).not.toHaveBeenCalled()
    await stands(alarm(), alarm({ id: 2, about_id: 5, dead: 1 }), alarm({ id: 3, about: 'webhook' }))
    expect(play.mock.calls).toEqual([['outage', 0.5]]) // two at once are one noise
    await stands(alarm({ id: 2, about_id: 5, dead: 9 }))
    await stands()
    await stands(alarm({ id: 2, about_id: 5, dead: 9 }))
    expect(play).toHaveBeenCalledTimes(1)
    await stands(alarm({ id: 4, about_id: 5, dead: 1 }))
    expect(play).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['no sound of it', () => (prefs.calling.kinds.outage.sound = false)],
    ['no sound at all', () => (prefs.sound = false)]
  ])('who wants %s has the banner alone', async (_, choose) => {
    choose()
    const { stands } = await listening([])
    await stands(alarm({ dead: 1 }))
    expect(screen.getByRole('alert')).toBeTruthy()
    expect(play).not.toHaveBeenCalled()
  })
})
