import { Toasts } from '#shared/kit/toasts.svelte'
import type { ChatOut, DeliveryOut, MessageOut } from '#shared/wire.gen'
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
import LogMessage from '../../apps/console/conversation/LogMessage.svelte'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Session } from '../../apps/console/data/session.svelte'
import DeleteDialog from '../../apps/console/dialogs/DeleteDialog.svelte'
import { elsewhere, mayEdit } from '../../apps/console/rules/correcting'
import Framed from './Framed.svelte'
import { at, chat, message, START } from './fixtures'
import { standInConsole } from './stand_ins'

const can = {
  longest: 4096, media: {}, caption: 0, buttons: 3, window_h: null, templates: false, receipts: 'sent', edits: true, deletes: true, deletes_h: 48, quotes: true, subjects: false, formats: false, live: false
} as const
const maya = { kind: 'agent', id: 1, name: 'Maya', hue: 0 } as const
const by = (over: Partial<typeof can> | Record<string, unknown>): ChatOut['channel'] => ({ id: 2, kind: 'telegram', name: 'Shop bot', can: { ...can, ...over } })
const inChat = (channel = by({})): ChatOut => chat({ id: 1, state: 'active', owner: { id: 1, name: 'Maya', hue: 0 }, customer_read_seq: 3, channel })
const sent = (state: DeliveryOut['state'], over: Partial<DeliveryOut> = {}): DeliveryOut => ({ id: 40, state, code: null, error: null, ...over })
const said = (state: DeliveryOut['state'], over: Partial<MessageOut> = {}) => message(4, { chat_id: 1, author: maya, delivery: sent(state), ...over })
const stub = (over: Partial<MessageOut> = {}) => said('sent', { body: '', deleted_at: at(9), ...over })
const deletion = (state: DeliveryOut['state'], over: Partial<DeliveryOut> = {}) =>
  message(5, { chat_id: 1, kind: 'event', author: maya, body: '', data: { event: 'message_deleted', target_id: 4 }, delivery: sent(state, { id: 41, ...over }) })

afterEach(cleanup)

function show(screenOf: unknown, given: (frame: { chat: ChatOut }) => Record<string, unknown>, open = inChat(), log: MessageOut[] = [], server = {}) {
  const { console } = standInConsole([open], { server })
  console.chats.putChat(open)
  console.chats.open(open.id)
  console.chats.putPage(open.id, log)
  const toasts = new Toasts()
  const frame = { session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection() }
  render(Framed, { frame, screen: screenOf as never, given: given({ chat: open }) })
}

describe('what becomes of a deleted message at the customer’s', () => {
  const HOUR = 3_600_000
  it.each([
    ['queued', by({}), 0, 'unsent'], ['sent', by({}), 47, 'gone'], ['sent', by({}), 50, 'too_late'], ['read', by({ deletes: false }), 0, 'stays'],
    ['unknown', by({}), 0, 'perhaps'], ['failed', by({}), 0, null], ['sent', by({ deletes_h: null }), 500, 'gone']
  ] as const)('%s', (state, channel, hours, what) => {
    expect(elsewhere(said(state), channel, START + 4_000 + hours * HOUR)).toBe(what)
  })

  it('is nothing to speak of on the website', () => {
    expect(elsewhere(message(4, { author: maya }), { id: 1, kind: 'web', name: 'Website' }, START)).toBeNull()
  })

  it('is said before it is done', () => {
    show(DeleteDialog, () => ({ message: said('sent', { created_at: new Date().toISOString() }), onclose: vi.fn() }))
    expect(screen.getByText('It is deleted for the customer in Shop bot too.')).toBeTruthy()
    cleanup()
    show(DeleteDialog, () => ({ message: said('sent'), onclose: vi.fn() }), inChat(by({ deletes: false })))
    expect(screen.getByText(/The customer keeps it: nothing that was sent by Shop bot/)).toBeTruthy()
  })
})

describe('what stands by a deleted message', () => {
  const stubShown = (log: MessageOut[], server = {}) => show(LogMessage, ({ chat: open }) => ({ message: stub(), chat: open, first: true, last: true }), inChat(), log, server)

  it('is that it is being deleted there, and nothing once it is', () => {
    stubShown([stub(), deletion('queued')])
    expect(screen.getByText('Being deleted for the customer too')).toBeTruthy()
    cleanup()
    stubShown([stub(), deletion('sent')])
    expect(screen.queryByText(/customer/)).toBeNull()
  })

  it('is why the customer still has it, with a way to try again', async () => {
    const sendAgain = vi.fn(async () => sent('queued', { id: 41 }))
    stubShown([stub(), deletion('failed', { error: 'message can’t be deleted' })], { sendAgain })
    expect(screen.getByText(/The customer still has it. Message can’t be deleted/)).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(sendAgain).toHaveBeenCalledWith(41)
    expect(await screen.findByText('Being deleted for the customer too')).toBeTruthy()
  })

  it('is that it stays there, where nothing can be taken back', () => {
    stubShown([stub()])
    expect(screen.getByText('The customer still has it')).toBeTruthy()
  })
})

describe('words that have left by a channel', () => {
  it('are put right where the channel can, while they are unread', () => {
    expect(mayEdit(said('sent'), inChat(), { id: 1, supervises: false }, START)).toBe(true)
    expect(mayEdit(said('sent'), inChat(by({ edits: false })), { id: 1, supervises: false }, START)).toBe(false)
    expect(mayEdit(said('unknown'), inChat(), { id: 1, supervises: false }, START)).toBe(false)
    expect(mayEdit(said('queued', { data: { template: { name: 'a', language: 'en', values: [] } } }), inChat(), { id: 1, supervises: false }, START)).toBe(false)
  })
})
