import { Toasts } from '#shared/kit/toasts.svelte'
import type { ChatOut } from '#shared/wire.gen'
import { fireEvent, render, screen } from '@testing-library/svelte'
import { tick, type Component } from 'svelte'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import Composer from '../../apps/console/conversation/Composer.svelte'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Session } from '../../apps/console/data/session.svelte'
import { TypingTeller } from '../../apps/console/data/typing.svelte'
import EndDialog from '../../apps/console/dialogs/EndDialog.svelte'
import { commandsOf } from '../../apps/console/shell/commands'
import Framed from './Framed.svelte'
import { agent, chat, me } from './fixtures'
import { standInConsole } from './stand_ins'

const maya = { id: 1, name: 'Maya Lindholm', hue: 340 }
const mine = chat({ id: 1, state: 'active', owner: maya })

function frameOf(chats: ChatOut[], permissions = me().permissions): Frame & { ask: ReturnType<typeof vi.fn> } {
  const { console, ask } = standInConsole(chats, { me: me({ permissions }) })
  const toasts = new Toasts()
  const actions = new Actions(console, toasts, vi.fn())
  return { session: {} as Session, console, actions, toasts, layers: new Layers(), selection: new Selection(), ask }
}

beforeEach(() => localStorage.clear())

describe('the end dialog', () => {
  const open = () => {
    const onend = vi.fn()
    render(EndDialog, { chat: mine, suggested: 'resolved', onend, onclose: vi.fn() })
    return onend
  }

  it('offers the suggested reason, and takes another by its key', async () => {
    const onend = open()
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /Customer issue resolved/ }).checked).toBe(true)
    await fireEvent.keyDown(window, { key: '4' })
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(onend).toHaveBeenCalledWith({ reason: 'time_waster' })
  })

  it('asks for words with Others, and says what is wrong with them', async () => {
    const onend = open()
    await fireEvent.keyDown(window, { key: '5' })
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(screen.getByText('Say why in 3 to 500 characters.')).toBeTruthy()
    expect(onend).not.toHaveBeenCalled()
    await fireEvent.input(screen.getByLabelText(/Explanation/), { target: { value: 'Moved to the branch' } })
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(onend).toHaveBeenCalledWith({ reason: 'other', note: 'Moved to the branch' })
  })
})

describe('the composer', () => {
  async function write() {
    const frame = frameOf([mine])
    await frame.console.load()
    const given = { chat: mine, may: frame.actions.allowed(mine), typing: new TypingTeller(vi.fn()) }
    render(Framed, { props: { frame, screen: Composer as unknown as Component<Record<string, unknown>>, given } })
    return { frame, box: screen.getByRole<HTMLTextAreaElement>('textbox') }
  }

  it('sends on Enter, not on Shift+Enter, and keeps a draft until then', async () => {
    const { frame, box } = await write()
    await fireEvent.input(box, { target: { value: 'Hello' } })
    expect(frame.console.drafts.of(1).reply).toBe('Hello')
    await fireEvent.keyDown(box, { key: 'Enter', shiftKey: true })
    expect(frame.console.unsentIn(1)).toEqual([])
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(frame.ask).toHaveBeenCalledWith('message:send', expect.objectContaining({ chat_id: 1, body: 'Hello', internal: false }))
    expect(frame.console.drafts.waits(1)).toBe(false)
  })

  it('finds a canned message after a slash, fills it, and selects what it does not know', async () => {
    const { frame, box } = await write()
    await fireEvent.input(box, { target: { value: '/rec' } })
    await vi.waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2))
    await fireEvent.keyDown(box, { key: 'Enter' })
    await tick()
    expect(frame.console.drafts.of(1).reply).toBe('Your case number is {{case_id}}.')
    await vi.waitFor(() => expect(box.value.slice(box.selectionStart, box.selectionEnd)).toBe('{{case_id}}'))
  })

  it('writes notes that no customer sees', async () => {
    const { frame, box } = await write()
    frame.layers.write('note')
    await tick()
    await fireEvent.input(box, { target: { value: 'For the team' } })
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(frame.ask).toHaveBeenCalledWith('message:send', expect.objectContaining({ body: 'For the team', internal: true }))
  })
})

describe('the palette', () => {
  it('offers chats, pages and actions that are allowed, and no others', async () => {
    const frame = frameOf([mine, chat({ id: 2 })], ['chat.read', 'chat.answer'])
    await frame.console.load()
    const ids = commandsOf(frame).map(command => command.id)
    expect(ids).toEqual(expect.arrayContaining(['chat-1', 'chat-2', 'list-queue', 'list-mine', 'next', 'away', 'sign-out']))
    expect(ids).not.toContain('history')
    expect(ids).not.toContain('list-bot')
    expect(ids).not.toContain('end')
  })

  it('opens what becomes of one’s chats before going offline with some', async () => {
    const frame = frameOf([mine])
    await frame.console.load()
    frame.console.desk.hearPresence(agent())
    commandsOf(frame).find(command => command.id === 'offline')!.run()
    expect(frame.layers.top).toEqual({ kind: 'leave', purpose: 'offline' })
  })
})
