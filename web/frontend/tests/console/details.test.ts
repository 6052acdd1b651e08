import type { AttributeOut, BlockBody, ChatOut, CustomerOut, PromiseOut } from '#shared/wire.gen'
import { Toasts } from '#shared/kit/toasts.svelte'
import { fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import type { Component } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Server } from '../../apps/console/data/server'
import type { Session } from '../../apps/console/data/session.svelte'
import Attributes from '../../apps/console/details/Attributes.svelte'
import Details from '../../apps/console/details/Details.svelte'
import BlockDialog from '../../apps/console/dialogs/BlockDialog.svelte'
import AddressDialog from '../../apps/console/dialogs/AddressDialog.svelte'
import SeparateDialog from '../../apps/console/dialogs/SeparateDialog.svelte'
import TagDialog from '../../apps/console/dialogs/TagDialog.svelte'
import PromiseRow from '../../apps/console/promises/PromiseRow.svelte'
import { addressSaid } from '../../apps/console/rules/addresses'
import { asShown, fromTyped, linkOf, sureness } from '../../apps/console/rules/facts'
import Framed from './Framed.svelte'
import { at, chat, customer, me, message, START } from './fixtures'
import { refusal, standInConsole } from './stand_ins'

const maya = { id: 1, name: 'Maya Lindholm', hue: 340 }
const femi = { id: 2, name: 'Femi Adebayo', hue: 25 }
const mine = chat({ id: 1, state: 'active', owner: maya })
const way = { channel: 'Website', kind: 'web', label: 'adaeze@mail.example', proved: [] }
const claimed: CustomerOut = { ...customer, verified: false, identities: [{ ...way, sure: 'claimed' }] }

async function show(piece: unknown, given: Record<string, unknown>, { server = {}, chats = [mine], permissions = me().permissions, person = claimed }: {
  server?: Partial<Server>; chats?: ChatOut[]; permissions?: string[]; person?: CustomerOut
} = {}) {
  const detail = async (id: number) => ({
    chat: chats.find(each => each.id === id)!, customer: person, messages: { messages: [], head: 0, more: false }, earlier: [],
    sessions: [{ id: 3, subject: 'Card declined', created_at: at(-9000), chats: [
      { id: 80, state: 'ended', created_at: at(-9000), ended_at: at(-8000), end_reason: 'resolved', end_cause: 'agent', rating: 4, agent: femi }
    ] }],
    allowed: [], drafts: { reply: '', note: '' }, viewers: [], hands: []
  })
  const { console, tell } = standInConsole(chats, { me: me({ permissions }), server: { attributes: async () => ({ items: [] }), chat: detail, ...server } })
  const toasts = new Toasts()
  const frame: Frame = {
    session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection()
  }
  await console.load()
  console.show(1)
  await vi.waitFor(() => expect(console.open?.state).toBe('ready'))
  render(Framed, { props: { frame, screen: piece as Component<Record<string, unknown>>, given: { ...given, ...(piece === Details ? { open: console.open } : {}) } } })
  return { frame, console, tell, toasts }
}

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('the details of a customer', () => {
  it('are corrected in place: Enter keeps, and the panel shows what the server took', async () => {
    const correct = vi.fn(async (_: number, change: object) => ({ ...claimed, ...change }) as CustomerOut)
    await show(Details, {}, { server: { correct } })
    await fireEvent.click(screen.getByRole('button', { name: /Add phone/ }))
    const field = screen.getByRole('textbox', { name: 'Phone' })
    await fireEvent.input(field, { target: { value: ' +234 803 555 0142 ' } })
    await fireEvent.keyDown(field, { key: 'Enter' })
    expect(correct).toHaveBeenCalledWith(7, { phone: '+234 803 555 0142' })
    await waitFor(() => expect(screen.getByRole('button', { name: /\+234 803 555 0142/ })).toBeTruthy())
    expect(screen.queryByRole('textbox', { name: 'Phone' })).toBeNull()
  })

  it('say in place what was refused, and keep what was typed', async () => {
    const correct = async () => { throw refusal({ code: 'invalid', message: 'Enter a full address, like name@example.com.', fields: { email: ['Not an e-mail address.'] } }) }
    await show(Details, {}, { server: { correct } })
    await fireEvent.click(screen.getByRole('button', { name: /adaeze@mail/ }))
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'Email' })
    await fireEvent.input(field, { target: { value: 'adaeze' } })
    await fireEvent.keyDown(field, { key: 'Enter' })
    await waitFor(() => expect(screen.getByRole('alert').textContent).toBe('Enter a full address, like name@example.com.'))
    expect(field.value).toBe('adaeze')
    expect(field.getAttribute('aria-invalid')).toBe('true')
  })

  it('stay as they were after Escape, and nothing is asked for what did not change', async () => {
    const correct = vi.fn()
    await show(Details, {}, { server: { correct } })
    await fireEvent.click(screen.getByRole('button', { name: /adaeze@mail/ }))
    await fireEvent.input(screen.getByRole('textbox', { name: 'Email' }), { target: { value: 'other@mail.example' } })
    await fireEvent.keyDown(screen.getByRole('textbox', { name: 'Email' }), { key: 'Escape' })
    await fireEvent.click(screen.getByRole('button', { name: /adaeze@mail/ }))
    await fireEvent.keyDown(screen.getByRole('textbox', { name: 'Email' }), { key: 'Enter' })
    expect(correct).not.toHaveBeenCalled()
    expect(screen.getByRole('button', { name: /adaeze@mail/ })).toBeTruthy()
  })

  it('follow what others correct', async () => {
    const { tell, console } = await show(Details, {})
    tell('customer:changed', { ...claimed, name: 'Adaeze O.', email: 'new@mail.example' })
    await waitFor(() => expect(screen.getByRole('button', { name: /new@mail/ })).toBeTruthy())
    expect(console.chats.chat(1)?.customer.name).toBe('Adaeze O.')
    tell('customer:changed', { ...claimed, id: 99, email: 'somebody@else.example' })
    expect(screen.queryByText(/somebody@else/)).toBeNull()
  })

  it('do not let what a sign-in proved be typed over, nor a reader change anything', async () => {
    await show(Details, {}, { person: { ...claimed, verified: true } })
    expect(screen.queryByRole('button', { name: /adaeze@mail/ })).toBeNull()
    expect(screen.getByText('Identity verified by your app')).toBeTruthy()
  })

  it('say by which ways somebody is known, and which of them are proved', async () => {
    const identities = [{ ...way, sure: 'claimed' as const }, { channel: 'Mail', kind: 'email', label: 'ada@mail.example', sure: 'verified' as const, proved: ['ada@mail.example'] }]
    await show(Details, {}, { person: { ...claimed, identities } })
    const ways = screen.getByRole('heading', { name: 'Known by' }).closest('details')!
    expect([...ways.querySelectorAll('li')].map(each => each.textContent.replace(/\s+/g, ' ').trim())).toEqual([
      'adaeze@mail.example Website Not proved', 'ada@mail.example Mail Proved'
    ])
    expect(screen.getByText('ada@mail.example is proved')).toBeTruthy()
  })

  it('propose the address that was typed, or said, when somebody is asked to confirm one', async () => {
    const { frame } = await show(Details, {}, { person: { ...claimed, email: 'ada@mail.example' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Ask to confirm an address' }))
    expect(frame.layers.top).toMatchObject({ kind: 'confirm_address', email: 'ada@mail.example' })
    const said = message(2, { body: 'Mail me at ola.k@shop.example, please.' })
    expect(addressSaid([said, message(3)])).toBe('ola.k@shop.example')
    expect(addressSaid([{ ...said, author: { ...said.author, kind: 'agent' } }])).toBe('')
  })

  it('ask nobody whose address is proved, who is blocked, or where no mail can be sent', async () => {
    const proved = { ...way, sure: 'verified' as const, proved: ['ada@mail.example'] }
    await show(Details, {}, { person: { ...claimed, email: 'Ada@mail.example', identities: [proved] } })
    expect(screen.queryByRole('button', { name: /confirm/ })).toBeNull()
  })

  it('say with whom a customer was joined, and let only a supervisor part them', async () => {
    const join = { id: 5, name: 'Ada', how: 'confirmed' as const, proof: 'ada@mail.example', channels: ['Mail'], at: at(0) }
    await show(Details, {}, { person: { ...claimed, joins: [join] } })
    expect(screen.getByText('Joined with Ada (Mail)')).toBeTruthy()
    expect(screen.getByText(/They confirmed ada@mail.example by letter/)).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Separate' })).toBeNull()
  })

  it('are read again when the customer turns out to be somebody known already', async () => {
    const asked = vi.fn()
    const { tell, console } = await show(Details, {})
    vi.spyOn(console.server, 'chat').mockImplementation(async id => { asked(id); throw new Error('enough') })
    tell('chat:changed', { ...mine, version: mine.version + 1, customer: { ...mine.customer, id: 99 } })
    await waitFor(() => expect(asked).toHaveBeenCalledWith(1))
  })

  it('show how earlier issues came out', async () => {
    await show(Details, {})
    expect(screen.getByText('Card declined')).toBeTruthy()
    expect(screen.getByText('Issue resolved')).toBeTruthy()
    expect(screen.getByRole('link', { name: /Femi Adebayo/ }).getAttribute('href')).toBe('/history/80')
  })

  it('name the block and let only a supervisor lift it', async () => {
    const block = { id: 1, customer_id: 7, customer_name: 'Adaeze', address: '203.0.113.9', reason: 'Threats', by: femi, created_at: at(0), until: null }
    await show(Details, {}, { person: { ...claimed, blocked: true, block } })
    expect(screen.getByText(/Threats/).textContent).toContain('by Femi Adebayo, for good, with the address 203.0.113.9')
    expect(screen.queryByRole('button', { name: 'Lift the block' })).toBeNull()
  })
})

describe('typed facts', () => {
  const facts: AttributeOut[] = [
    { id: 1, key: 'orders', label: 'Orders', type: 'number', choices: [], archived: false },
    { id: 2, key: 'vip', label: 'VIP', type: 'flag', choices: [], archived: false },
    { id: 3, key: 'plan', label: 'Plan', type: 'choice', choices: ['Free', 'Paid'], archived: false },
    { id: 4, key: 'page', label: 'Page', type: 'link', choices: [], archived: false },
    { id: 5, key: 'old', label: 'Old', type: 'text', choices: [], archived: true }
  ]

  it('are edited by their type, and removed when emptied', async () => {
    const correct = vi.fn(async () => claimed)
    await show(Attributes, { customer: { ...claimed, attributes: { orders: 1200, page: 'https://crm.example/7/' } } }, { server: { correct, attributes: async () => ({ items: facts }) } })
    await waitFor(() => expect(screen.getByRole('button', { name: /1,200/ })).toBeTruthy())
    expect(screen.queryByText('Old')).toBeNull()
    expect(screen.getByRole('link', { name: /crm\.example\/7/ }).getAttribute('href')).toBe('https://crm.example/7/')

    await fireEvent.click(screen.getByRole('button', { name: /1,200/ }))
    const field = screen.getByRole('spinbutton', { name: 'Orders' })
    await fireEvent.input(field, { target: { value: '' } })
    await fireEvent.keyDown(field, { key: 'Enter' })
    expect(correct).toHaveBeenLastCalledWith(7, { attributes: { orders: null } })

    await fireEvent.click(screen.getByRole('switch', { name: 'VIP' }))
    expect(correct).toHaveBeenLastCalledWith(7, { attributes: { vip: true } })
  })

  it('travel as what they are', () => {
    expect(fromTyped('number', '12.5')).toBe(12.5)
    expect(fromTyped('number', 'many')).toBe('many')
    expect(fromTyped('date', '')).toBeNull()
    expect(asShown({ type: 'date' }, '2026-03-02', 'en')).toBe('Mar 2, 2026')
    expect(asShown({ type: 'date' }, 'soon', 'en')).toBe('soon')
    expect(linkOf('javascript:alert(1)')).toBeUndefined()
  })

  it('are as sure as the surest of what we know somebody by', () => {
    expect(sureness([], false)).toBe('anonymous')
    expect(sureness([{ ...way, sure: 'anonymous' }, { ...way, sure: 'claimed' }], false)).toBe('claimed')
    expect(sureness([], true)).toBe('verified')
  })
})

describe('blocking', () => {
  it('asks why, and for how long', async () => {
    const block = vi.fn(async () => claimed)
    const onclose = vi.fn()
    await show(BlockDialog, { customer: claimed, onclose }, { server: { block } })
    await fireEvent.click(screen.getByRole('button', { name: 'Block' }))
    expect(screen.getByText('Say why in 3 to 500 characters.')).toBeTruthy()
    expect(block).not.toHaveBeenCalled()
    await fireEvent.input(screen.getByLabelText(/Reason/), { target: { value: 'Threats' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Block' }))
    const [id, { reason, until, address }] = block.mock.calls[0] as unknown as [number, BlockBody]
    expect([id, reason, address]).toEqual([7, 'Threats', false])
    expect(Math.round((Date.parse(until!) - Date.now()) / 86_400_000)).toBe(7)
  })
})

describe('tags of many chats', () => {
  const tags = [{ id: 1, name: 'Refund', hue: 25, uses: 3 }, { id: 2, name: 'Urgent', hue: 75, uses: 1 }]
  const refund = { id: 1, name: 'Refund', hue: 25 }
  const chats = [chat({ id: 1, tags: [refund] }), chat({ id: 2, customer: { ...mine.customer, id: 8, name: 'Piotr Zieliński' } })]

  it('change only what was touched, and name who was left as they were', async () => {
    const tagMany = vi.fn(async () => ({ changed: 1, refused: [{ chat_id: 2, code: 'not_found' }] }))
    const ondone = vi.fn()
    await show(TagDialog, { chats, ondone, onclose: vi.fn() }, { server: { tagMany, tags: async () => ({ items: tags }) } })
    const box = await screen.findByRole<HTMLInputElement>('checkbox', { name: /Refund/ })
    expect(box.indeterminate).toBe(true)
    await fireEvent.click(screen.getByRole('checkbox', { name: /Urgent/ }))
    await fireEvent.click(screen.getByRole('button', { name: 'Save tags' }))
    expect(tagMany).toHaveBeenCalledWith({ chat_ids: [1, 2], add: [2], remove: [] })
    await waitFor(() => expect(screen.getByText(/Piotr Zieliński/)).toBeTruthy())
    expect(ondone).toHaveBeenCalledTimes(1)
  })
})

describe('chosen rows', () => {
  it('are toggled, stretched and dropped when they leave', () => {
    const selection = new Selection()
    selection.toggle(2)
    selection.extend(5, [1, 2, 3, 5, 8])
    expect([...selection.ids].sort()).toEqual([2, 3, 5])
    selection.extend(1, [1, 2, 3, 5, 8])
    expect(selection.has(1)).toBe(true)
    selection.keepOnly([1, 2])
    expect([...selection.ids].sort()).toEqual([1, 2])
    selection.clear()
    expect(selection.active).toBe(false)
  })
})

describe('the row of a promise', () => {
  const promise: PromiseOut = {
    id: 1, kind: 'follow_up', state: 'open', chat_id: 9, session_id: 4, customer: mine.customer, subject: 'Money to the wrong account',
    owner: maya, due_at: at(600), note: 'Tell her when the bank has answered', made_by: maya, made_at: at(0), settled_at: null, settled_note: '', kept_chat_id: null
  }

  it('shows how long is left, and what can be done about it', async () => {
    vi.useFakeTimers({ now: START, toFake: ['Date'] })
    const onact = vi.fn()
    await show(PromiseRow, { promise, onact })
    expect(screen.getByText(/in (10:00|9:5\d)/)).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: 'Follow up' }))
    expect(onact).toHaveBeenCalledWith('follow_up')
  })

  it('says how late it is, and leaves a colleague’s alone', async () => {
    vi.useFakeTimers({ now: START, toFake: ['Date'] })
    await show(PromiseRow, { promise: { ...promise, due_at: at(-90), owner: femi }, onact: vi.fn() })
    expect(screen.getByText(/1:3\d late/)).toBeTruthy()
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('leads to the chat that kept it', async () => {
    await show(PromiseRow, { promise: { ...promise, state: 'kept', settled_at: at(5), kept_chat_id: 44 }, onact: vi.fn() })
    expect(screen.getByText('Kept')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'See the follow-up' }).getAttribute('href')).toBe('/inbox/mine/44')
    expect(screen.queryByRole('button', { name: 'Follow up' })).toBeNull()
  })
})

describe('the question whether an address is theirs', () => {
  it('goes to the address, and stays open with what was refused', async () => {
    const askToConfirm = vi.fn(async () => { throw refusal({ code: 'proved_already', message: 'This address has been proved already.' }) })
    await show(AddressDialog, { what: 'confirm_address', chat: mine, email: 'ada@mail.example', onclose: () => {} }, { server: { askToConfirm } })
    await fireEvent.click(screen.getByRole('button', { name: 'Send the letter' }))
    await waitFor(() => expect(screen.getByText('This address has been proved already.')).toBeTruthy())
    expect(askToConfirm).toHaveBeenCalledWith(1, { email: 'ada@mail.example' })
  })
})

describe('the conversation as a letter', () => {
  it('goes to the address that was given, once the server finds it to be one', async () => {
    const mailTranscript = vi.fn<Server['mailTranscript']>()
      .mockRejectedValueOnce(refusal({ code: 'invalid', message: 'Enter a full address, like name@example.com.', fields: { email: ['Not an e-mail address.'] } }))
      .mockResolvedValueOnce({})
    const onclose = vi.fn()
    const { toasts } = await show(AddressDialog, { what: 'transcript', chat: mine, email: '', onclose }, { server: { mailTranscript } })
    const send = () => fireEvent.click(screen.getByRole('button', { name: 'Send' }))
    await send()
    expect(mailTranscript).not.toHaveBeenCalled() // nothing goes nowhere
    await fireEvent.input(screen.getByRole('textbox'), { target: { value: 'ada@mail' } })
    await send()
    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('Enter a full address, like name@example.com.'))
    expect(onclose).not.toHaveBeenCalled()
    await fireEvent.input(screen.getByRole('textbox'), { target: { value: ' ada@mail.example ' } })
    await send()
    await waitFor(() => expect(onclose).toHaveBeenCalled())
    expect(mailTranscript).toHaveBeenLastCalledWith(1, { email: 'ada@mail.example' })
    expect(toasts.items.at(-1)?.text).toBe('On its way to ada@mail.example')
  })
})

describe('parting two customers', () => {
  it('says what goes back, and tells when it is done', async () => {
    const join = { id: 5, name: 'Ada', how: 'confirmed' as const, proof: 'ada@mail.example', channels: ['Mail'], at: at(0) }
    const separate = vi.fn(async () => claimed)
    const { toasts } = await show(SeparateDialog, { customer: claimed, join, onclose: () => {} }, { server: { separate } })
    expect(screen.getByText(/ada@mail.example no longer counts as confirmed/)).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: 'Separate' }))
    await waitFor(() => expect(toasts.items.at(-1)?.text).toBe('Ada is a customer of their own again'))
    expect(separate).toHaveBeenCalledWith(5)
  })
})
