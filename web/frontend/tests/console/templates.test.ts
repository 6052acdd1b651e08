import { Toasts } from '#shared/kit/toasts.svelte'
import type { ChatOut, MessageOut, TemplateList, TemplateOut } from '#shared/wire.gen'
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte'
import { tick } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import Composer from '../../apps/console/conversation/Composer.svelte'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Server } from '../../apps/console/data/server'
import type { Session } from '../../apps/console/data/session.svelte'
import { TypingTeller } from '../../apps/console/data/typing.svelte'
import TemplateDialog from '../../apps/console/dialogs/TemplateDialog.svelte'
import { faults, pieces, prefilled } from '../../apps/console/rules/templates'
import Framed from './Framed.svelte'
import { chat, message } from './fixtures'
import { refusal, standInConsole } from './stand_ins'

const NOON = Date.parse('2026-11-28T12:00:00Z')
const hello: TemplateOut = {
  name: 'hello_again', language: 'en', category: 'utility', header: '', body: 'Hello {{1}}, about your order {{2}}: may we write to you?', footer: 'Fernhill',
  buttons: [], gaps: [{ name: '1', place: 'body', example: 'Ana', button: null }, { name: '2', place: 'body', example: '4711', button: null }],
  most: { header: 60, body: 100 }, state: 'approved', unusable: null
}
const paused: TemplateOut = { ...hello, name: 'sale', body: 'Buy now', gaps: [], state: 'paused', unusable: 'WhatsApp has paused it.' }
const list: TemplateList = { items: [hello, paused], read_at: '2026-11-28T11:00:00Z', reading: false, fault: null }
const can = {
  longest: 4096, media: {}, caption: 0, buttons: 3, window_h: 24, templates: true, receipts: 'read', edits: false, deletes: false, deletes_h: null, quotes: true, subjects: false, formats: false, live: false
} as const
const maya = { id: 1, name: 'Maya', hue: 0 }
const mine = (reply_until: string | null): ChatOut =>
  chat({ id: 1, state: 'active', owner: maya, channel: { id: 2, kind: 'whatsapp', name: 'Shop', can: { ...can }, reply_until } })

function frameOf(open: ChatOut, server: Partial<Server> = {}) {
  const { console, tell } = standInConsole([open], { server: { templates: async () => list, ...server } })
  const toasts = new Toasts()
  const frame = { session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection() }
  return { frame, tell }
}

beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

describe('what stands in a template’s gaps', () => {
  const joined = (values: string[]) => pieces(hello, 'body', values).map(each => each.text).join('')

  it('is what was typed, or their own names', () => {
    expect(joined(['Ada', ''])).toBe('Hello Ada, about your order {{2}}: may we write to you?')
    expect(pieces(hello, 'body', ['Ada', '7']).filter(each => each.gap).map(each => each.text)).toEqual(['Ada', '7'])
  })

  it('begins with the customer’s name where one is greeted, or asked for by name', () => {
    const ada = { name: 'Ada Byron', firstName: 'Ada' }
    expect(prefilled(hello, ada)).toEqual(['Ada', ''])
    expect(prefilled(hello, { name: null, firstName: null })).toEqual(['', ''])
    const named: TemplateOut = { ...hello, body: '{{name}} ({{first_name}}): {{1}}', gaps: ['name', 'first_name', '1'].map(name => ({ name, place: 'body' as const, example: '', button: null })) }
    expect(prefilled(named, ada)).toEqual(['Ada Byron', 'Ada', ''])
    expect(prefilled({ ...hello, body: 'Order {{1}} of {{2}}' }, ada)).toEqual(['', ''])
  })

  it.each([[['', '7'], ['empty', null]], [['Ada\nB', '7'], ['untidy', null]], [['A     B', '7'], ['untidy', null]], [['A'.repeat(99), '7'], ['long', 'long']], [['Ada', '7'], [null, null]]])('%j is refused as %j', (values, found) => {
    expect(faults(hello, values)).toEqual(found)
  })
})

describe('the composer of a channel with a window', () => {
  async function write(open: ChatOut, messages: MessageOut[] = []) {
    vi.useFakeTimers({ now: NOON })
    const { frame } = frameOf(open)
    await frame.console.load()
    const shown = { messages, viewers: [], customer: null, typing: new TypingTeller(vi.fn()) }
    render(Framed, { props: { frame, screen: Composer as never, given: { chat: open, may: frame.actions.allowed(open), open: shown } } })
    await tick()
    return { frame, said: () => screen.queryAllByRole('status').map(each => each.textContent?.trim()).filter(Boolean).join() }
  }

  it('says nothing while there is plenty of time, and when it closes in its last hours', async () => {
    expect((await write(mine('2026-11-28T20:00:00Z'))).said()).toBe('')
    cleanup()
    expect((await write(mine('2026-11-28T14:32:00Z'))).said()).toMatch(/^You can write freely until .*32.* After that Shop takes only approved templates$/)
  })

  it('closes by itself when its time has come, and offers a template instead', async () => {
    const { said, frame } = await write(mine('2026-11-28T12:01:00Z'))
    await fireEvent.input(screen.getByRole('textbox'), { target: { value: 'Hello' } })
    expect(screen.getByRole<HTMLButtonElement>('button', { name: /^Send/ }).disabled).toBe(false)
    await vi.advanceTimersByTimeAsync(61_000)
    expect(said()).toContain('wrote more than 24 hours ago')
    expect(screen.getByRole<HTMLButtonElement>('button', { name: /^Send/ }).disabled).toBe(true)
    const line = screen.getAllByRole('status').find(each => each.textContent?.includes('24 hours'))
    await fireEvent.click(within(line!).getByRole('button', { name: 'Use a template' }))
    expect(frame.layers.top).toMatchObject({ kind: 'template' })
  })

  it('is open again once the customer has written', async () => {
    const wrote = message(5, { created_at: '2026-11-28T11:59:00Z', author: { kind: 'customer', id: 9, name: 'Ada', hue: 0 } })
    expect((await write(mine('2026-11-28T11:00:00Z'))).said()).toContain('24 hours')
    cleanup()
    expect((await write(mine('2026-11-28T11:00:00Z'), [wrote])).said()).toBe('')
  })
})

describe('the choice of a template', () => {
  async function show(server: Partial<Server> = {}) {
    const { frame, tell } = frameOf(mine(null), server)
    const onclose = vi.fn()
    render(Framed, { frame, screen: TemplateDialog as never, given: { chat: mine(null), onclose } })
    await vi.waitFor(() => expect(screen.queryByRole('status', { name: 'Loading' })).toBeNull())
    return { frame, tell, onclose }
  }
  const choose = async () => fireEvent.click(await screen.findByRole('option', { name: /hello_again/ }))

  it('tells of what cannot be sent and why, and does not take it', async () => {
    await show()
    const option = screen.getByRole('option', { name: /sale/ })
    expect(option.textContent).toContain('WhatsApp has paused it.')
    await fireEvent.click(option)
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true)
  })

  it('is found by its words', async () => {
    await show()
    await fireEvent.input(screen.getByRole('combobox'), { target: { value: 'order' } })
    expect(screen.getAllByRole('option').map(each => each.querySelector('strong')?.textContent)).toEqual(['hello_again'])
  })

  it('is filled, seen, and sent once', async () => {
    const sendTemplate = vi.fn(async () => ({ message: message(8, { chat_id: 1 }) }))
    const { onclose } = await show({ sendTemplate })
    await choose()
    await fireEvent.click(screen.getByRole('button', { name: 'Send' }))
    expect(sendTemplate).not.toHaveBeenCalled()
    expect(screen.getByText('Fill this in.')).toBeTruthy()
    await fireEvent.input(screen.getByLabelText(/Variable 2/), { target: { value: '7' } })
    expect(screen.getByRole('figure').textContent).toContain('about your order 7: may we write to you?')
    await fireEvent.click(screen.getByRole('button', { name: 'Send' }))
    await vi.waitFor(() => expect(onclose).toHaveBeenCalled())
    expect(sendTemplate).toHaveBeenCalledExactlyOnceWith(1, expect.any(String), { name: 'hello_again', language: 'en', variables: ['Adaeze', '7'] })
  })

  it('shows a refusal at the field it is about, and one that is about all of it above', async () => {
    const sendTemplate = vi.fn<Server['sendTemplate']>()
      .mockRejectedValueOnce(refusal({ code: 'template_variable', message: '2: no good.', at: 1 }))
      .mockRejectedValueOnce(refusal({ code: 'template_unusable', message: 'WhatsApp has paused it.' }))
    const { onclose } = await show({ sendTemplate })
    await choose()
    await fireEvent.input(screen.getByLabelText(/Variable 2/), { target: { value: '7' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Send' }))
    await vi.waitFor(() => expect(screen.getByLabelText(/Variable 2/).getAttribute('aria-invalid')).toBe('true'))
    await fireEvent.input(screen.getByLabelText(/Variable 2/), { target: { value: '8' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Send' }))
    await vi.waitFor(() => expect(screen.getByText('WhatsApp has paused it.')).toBeTruthy())
    expect(onclose).not.toHaveBeenCalled()
  })

  it('says when there are none, when they do not load, and why they could not be read', async () => {
    await show({ templates: async () => ({ ...list, items: [] }) })
    expect(screen.getByText('No templates yet')).toBeTruthy()
    cleanup()
    await show({ templates: () => Promise.reject(refusal({ code: 'internal' })) })
    expect(await screen.findByText('The templates didn’t load')).toBeTruthy()
    cleanup()
    await show({ templates: async () => ({ ...list, fault: 'The business account ID is missing.' }) })
    expect(screen.getByText('The business account ID is missing.')).toBeTruthy()
  })

  it('is read anew when somebody asks, and shows what came of it', async () => {
    const templates = vi.fn(async () => list)
    const { tell } = await show({ templates, readTemplates: async () => ({ ...list, reading: true }) })
    await fireEvent.click(screen.getByRole('button', { name: 'Read anew' }))
    await vi.waitFor(() => expect(screen.getByText('Asking for the list…')).toBeTruthy())
    templates.mockResolvedValue({ ...list, items: [{ ...paused, unusable: null }] })
    tell('catalogue:changed', { what: 'channels' })
    await vi.waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1))
  })

  it.each([
    ['WhatsApp has rejected it.', [{ ...hello, state: 'rejected' as const, unusable: 'WhatsApp has rejected it.' }, paused]],
    ['It isn’t in the list any more.', [paused]]
  ])('is taken back while it is filled in once its provider thinks otherwise: %s', async (why, items) => {
    const templates = vi.fn(async () => list)
    const sendTemplate = vi.fn()
    const { tell } = await show({ templates, sendTemplate })
    await choose()
    tell('catalogue:changed', { what: 'channels' })
    await vi.waitFor(() => expect(templates).toHaveBeenCalledTimes(2))
    expect(screen.getByRole('figure')).toBeTruthy() // the same list again takes nothing away
    templates.mockResolvedValue({ ...list, items })
    tell('catalogue:changed', { what: 'channels' })
    await vi.waitFor(() => expect(screen.getByText(`hello_again can’t be sent any more. ${why}`)).toBeTruthy())
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true)
    expect(screen.queryByRole('option', { name: /hello_again/ })?.getAttribute('aria-disabled')).not.toBe(null)
    expect(sendTemplate).not.toHaveBeenCalled()
  })
})
