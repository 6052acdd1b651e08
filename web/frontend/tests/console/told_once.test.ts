import { Toasts } from '#shared/kit/toasts.svelte'
import type { BroadcastDetail, ErasureOut, FailurePlace } from '#shared/wire.gen'
import { fireEvent, render, screen } from '@testing-library/svelte'
import { tick, type Component } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import SendDialog from '../../apps/console/broadcasts/SendDialog.svelte'
import { fieldOf, momentOf } from '../../apps/console/broadcasts/reach'
import type { Frame } from '../../apps/console/context'
import LogMessage from '../../apps/console/conversation/LogMessage.svelte'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Session } from '../../apps/console/data/session.svelte'
import EraseDialog from '../../apps/console/dialogs/EraseDialog.svelte'
import { here } from '../../apps/console/place.svelte'
import Framed from './Framed.svelte'
import { at, chat, me, message } from './fixtures'
import { standInConsole } from './stand_ins'

const settled = async () => { for (let i = 0; i < 6; i++) await tick() }

function open(dialog: unknown, given: Record<string, unknown>, server: Record<string, unknown> = {}, permissions: string[] = []) {
  const { console } = standInConsole([], { me: me({ permissions }), server })
  const toasts = new Toasts()
  const frame: Frame = { session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection() }
  return { toasts, ...render(Framed, { props: { frame, screen: dialog as Component<Record<string, unknown>>, given } }) }
}

beforeEach(() => history.replaceState(null, '', '/inbox'))
afterEach(() => vi.useRealTimers())

describe('erasing somebody', () => {
  const receipt: ErasureOut = { id: 3, customer_id: 7, agent: null, agent_name: 'Sam', reason: 'They asked', chats: 2, messages: 9, files: 0, notes: 0, at: at(0) }

  it('is asked once, however often it is pressed', async () => {
    const waiting: ((receipt: ErasureOut) => void)[] = []
    const erase = vi.fn(() => new Promise<ErasureOut>(resolve => waiting.push(resolve)))
    open(EraseDialog, { customer: { id: 7, name: 'Adaeze Okonkwo' }, onclose: vi.fn() }, { erase })
    const [why, name] = screen.getAllByRole('textbox', { hidden: true })
    await fireEvent.input(why!, { target: { value: 'They asked' } })
    await fireEvent.input(name!, { target: { value: 'adaeze okonkwo' } })
    const form = name!.closest('form')!
    await fireEvent.submit(form)
    await fireEvent.submit(form)
    await settled()
    await fireEvent.submit(form)
    expect(erase).toHaveBeenCalledOnce()
    for (const answer of waiting) answer(receipt)
    await settled()
    await fireEvent.submit(form)
    expect(erase).toHaveBeenCalledOnce()
    expect(erase).toHaveBeenCalledWith(7, { reason: 'They asked' })
  })
})

describe('the time of a broadcast', () => {
  it('is one of the desk’s own time zone, over both changes of the clock', () => {
    const iso = (field: string, zone = 'Europe/Berlin') => new Date(momentOf(field, zone)).toISOString()
    expect(iso('2026-01-15T09:00')).toBe('2026-01-15T08:00:00.000Z')
    expect(iso('2026-07-15T09:00')).toBe('2026-07-15T07:00:00.000Z')
    expect(iso('2026-03-29T02:30'), 'an hour that is skipped').toBe('2026-03-29T01:30:00.000Z')
    expect(iso('2026-10-25T02:30'), 'an hour that comes twice').toBe('2026-10-25T00:30:00.000Z')
    expect(iso('2026-10-25T03:00')).toBe('2026-10-25T02:00:00.000Z')
    expect(iso('2026-01-15T09:00', 'Asia/Kathmandu')).toBe('2026-01-15T03:15:00.000Z')
    expect(fieldOf(Date.parse('2026-01-15T23:30:00Z'), 'Asia/Tokyo')).toBe('2026-01-16T08:30')
  })

  it('says which zone that is, and is sent as that moment', async () => {
    const schedule = vi.fn(async () => cast)
    const cast = { id: 4, time_zone: 'Pacific/Auckland' } as BroadcastDetail
    open(SendDialog, { casting: { schedule }, cast, count: { reachable: 3, left_out: [], total: 3 }, onsent: vi.fn(), onclose: vi.fn() })
    await fireEvent.click(screen.getByText('At a time'))
    await settled()
    expect(screen.getByText('In the desk’s time zone, Pacific/Auckland')).toBeTruthy()
    const field = screen.getByLabelText<HTMLInputElement>(/Date and time/)
    await fireEvent.input(field, { target: { value: '2199-01-15T09:00' } })
    await fireEvent.submit(field.closest('form')!)
    await settled()
    expect(schedule).toHaveBeenCalledWith(4, { at: '2199-01-14T20:00:00.000Z', confirmed: 3 })
  })
})

describe('what the bot had no answer to', () => {
  const failed = message(5, { author: { kind: 'bot', id: null, name: 'Fern', hue: 0 }, data: { failed: true } })
  const shown = (permissions: string[], place: FailurePlace) => {
    const failureOf = vi.fn(async () => place)
    open(LogMessage, { message: failed, chat: chat(), first: true, last: true }, { failureOf }, permissions)
    return failureOf
  }

  it('leads whoever reviews to its group, or to the question alone', async () => {
    const failureOf = shown(['chat.read', 'failure.review'], { failure_id: 8, cluster_id: 3 })
    await fireEvent.click(screen.getByText('Review it'))
    await settled()
    expect(failureOf).toHaveBeenCalledWith(failed.id)
    expect([here.page, here.cluster]).toEqual(['failures', 3])
  })

  it('leads to the question where it is in no group', async () => {
    shown(['chat.read', 'failure.review'], { failure_id: 8, cluster_id: null })
    await fireEvent.click(screen.getByText('Review it'))
    await settled()
    expect([here.page, here.failure]).toEqual(['failures', 8])
  })

  it('leads nobody else there', () => {
    shown(['chat.read', 'chat.answer'], { failure_id: 8, cluster_id: 3 })
    expect(screen.getByText(/No answer found/)).toBeTruthy()
    expect(screen.queryByText('Review it')).toBeNull()
  })
})
