import { Toasts } from '#shared/kit/toasts.svelte'
import type { AttachmentOut, ChatOut, CustomerOut, EndReasonOut, MessageOut } from '#shared/wire.gen'
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
import { BUILTIN } from '../../apps/console/rules/ending'
import { commandsOf } from '../../apps/console/shell/commands'
import Framed from './Framed.svelte'
import { agent, chat, me, message } from './fixtures'
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
  const own: EndReasonOut = { code: 'branch', label: 'Sent to a branch', hint: '', needs_note: true, promises: false, builtin: false, archived: false }
  const given = {
    chat: mine, reasons: [...BUILTIN, own], people: [agent(), agent({ id: 2, name: 'Femi Adebayo' })], myId: 1, promiseS: 86_400,
    mailTo: 'ada@mail.example', suggested: 'resolved' as const
  }
  const open = () => {
    const onend = vi.fn()
    render(EndDialog, { ...given, onend, onclose: vi.fn() })
    return onend
  }

  it('offers the suggested reason, and takes another by its key', async () => {
    const onend = open()
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /Customer issue resolved/ }).checked).toBe(true)
    await fireEvent.keyDown(window, { key: '4' })
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(onend).toHaveBeenCalledWith({ reason: 'time_waster' }, null)
  })

  it('asks for words with Others, and says what is wrong with them', async () => {
    const onend = open()
    await fireEvent.keyDown(window, { key: '5' })
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(screen.getByText('Say why in 3 to 500 characters.')).toBeTruthy()
    expect(onend).not.toHaveBeenCalled()
    await fireEvent.input(screen.getByLabelText(/Explanation/), { target: { value: 'Moved to the branch' } })
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(onend).toHaveBeenCalledWith({ reason: 'other', note: 'Moved to the branch' }, null)
  })

  it('has the desk’s own reasons after the five, and asks what they ask', async () => {
    const onend = open()
    await fireEvent.keyDown(window, { key: '6' })
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /Sent to a branch/ }).checked).toBe(true)
    await fireEvent.input(screen.getByLabelText(/Explanation/), { target: { value: '  ab ' } })
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(screen.getByText('A little more: at least 3 characters.')).toBeTruthy()
    expect(onend).not.toHaveBeenCalled()
  })

  it('promises a moment by a quick choice, and who keeps it', async () => {
    const onend = open()
    await fireEvent.keyDown(window, { key: '3' })
    await fireEvent.click(screen.getByRole('button', { name: 'Tomorrow 9:00' }))
    const keeper = screen.getByLabelText<HTMLSelectElement>('Who contacts them')
    expect([...keeper.options].map(each => each.text)).toEqual(['Maya Lindholm (you)', 'Femi Adebayo'])
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    const tomorrow = new Date()
    tomorrow.setDate(tomorrow.getDate() + 1)
    tomorrow.setHours(9, 0, 0, 0)
    expect(onend).toHaveBeenCalledWith({ reason: 'follow_up', promise: { due_at: tomorrow.toISOString(), owner_id: 1 } }, null)
  })

  it('promises nothing for a moment that has passed', async () => {
    const onend = open()
    await fireEvent.keyDown(window, { key: '3' })
    await fireEvent.input(screen.getByLabelText(/Date and time/), { target: { value: '2020-01-01T10:00' } })
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(screen.getByText('This time has passed. Choose a later one.')).toBeTruthy()
    expect(onend).not.toHaveBeenCalled()
  })

  it('mails the transcript only when it is asked to', async () => {
    const onend = open()
    await fireEvent.click(screen.getByLabelText('Mail the transcript to ada@mail.example'))
    await fireEvent.click(screen.getByRole('button', { name: 'End chat' }))
    expect(onend).toHaveBeenCalledWith({ reason: 'resolved' }, 'ada@mail.example')
  })
})

describe('the composer', () => {
  /** A file whose upload the test finishes when it likes. */
  function uploads() {
    const running: { done: (file: AttachmentOut) => void; fail: (thrown: Error) => void }[] = []
    const send = vi.fn(() => new Promise<AttachmentOut>((done, fail) => running.push({ done, fail })))
    return { running, send }
  }
  const stored = (id: number): AttachmentOut => ({
    id, kind: 'document', name: 'receipt.pdf', size: 3, content_type: 'application/pdf', width: null, height: null, duration_ms: null, url: `/m/${id}`, thumb_url: null
  })
  const pdf = () => new File(['abc'], 'receipt.pdf', { type: 'application/pdf' })
  const paste = (box: HTMLElement, files: File[]) => fireEvent.paste(box, { clipboardData: { files } })

  async function write(messages: MessageOut[] = []) {
    const frame = frameOf([mine])
    const { running, send } = uploads()
    frame.console.uploads.send = send
    await frame.console.load()
    const open = { messages, viewers: [], customer: { email: 'ada@mail.example' } as CustomerOut, typing: new TypingTeller(vi.fn()) }
    const given = { chat: mine, may: frame.actions.allowed(mine), open }
    render(Framed, { props: { frame, screen: Composer as unknown as Component<Record<string, unknown>>, given } })
    return { frame, running, box: screen.getByRole<HTMLTextAreaElement>('textbox') }
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

  it('takes pasted files, waits for them, and sends them with the words', async () => {
    const { frame, running, box } = await write()
    await paste(box, [pdf()])
    await fireEvent.input(box, { target: { value: 'Here it is' } })
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(frame.ask).not.toHaveBeenCalledWith('message:send', expect.anything())
    expect(screen.getByText('Sends when the files are there')).toBeTruthy()
    running[0]!.done(stored(9))
    await vi.waitFor(() => expect(frame.ask).toHaveBeenCalledWith('message:send', expect.objectContaining({ body: 'Here it is', attachment_ids: [9] })))
    expect(frame.console.drafts.of(1).reply).toBe('')
    expect(frame.console.composing(1, 'reply').files).toEqual([])
  })

  it('sends files without a word', async () => {
    const { frame, running, box } = await write()
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Send' })
    expect(button.disabled).toBe(true)
    await paste(box, [pdf()])
    running[0]!.done(stored(9))
    await vi.waitFor(() => expect(screen.getByText('PDF, 3 bytes')).toBeTruthy())
    await fireEvent.click(button)
    expect(frame.ask).toHaveBeenCalledWith('message:send', expect.objectContaining({ body: '', attachment_ids: [9] }))
  })

  it('keeps everything when an upload fails, and sends after it was tried again', async () => {
    const { frame, running, box } = await write()
    await paste(box, [pdf()])
    await fireEvent.input(box, { target: { value: 'Here' } })
    await fireEvent.keyDown(box, { key: 'Enter' })
    running[0]!.fail(new Error('the line broke'))
    await vi.waitFor(() => expect(screen.getByRole('alert').textContent).toBe('That didn’t work. Nothing is lost.'))
    expect(frame.ask).not.toHaveBeenCalledWith('message:send', expect.anything())
    expect(box.value).toBe('Here')
    await fireEvent.click(screen.getByRole('button', { name: 'Try again: receipt.pdf' }))
    running[1]!.done(stored(10))
    await vi.waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
    await fireEvent.keyDown(box, { key: 'Enter' })
    await vi.waitFor(() => expect(frame.ask).toHaveBeenCalledWith('message:send', expect.objectContaining({ body: 'Here', attachment_ids: [10] })))
  })

  it('says why a file does not go, with its size, and sends nothing beside it', async () => {
    const { frame, box } = await write()
    const large = pdf()
    Object.defineProperty(large, 'size', { value: 5_242_881 })
    await paste(box, [large])
    expect(screen.getByRole('alert').textContent).toMatch(/MB, and files can be 5 MB at most\.$/)
    await fireEvent.input(box, { target: { value: 'Here' } })
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(frame.ask).not.toHaveBeenCalledWith('message:send', expect.anything())
    await fireEvent.click(screen.getByRole('button', { name: 'Remove receipt.pdf' }))
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(frame.ask).toHaveBeenCalledWith('message:send', expect.objectContaining({ body: 'Here', attachment_ids: [] }))
  })

  it('corrects the last unread message by an arrow up in the empty box, and leaves the draft alone', async () => {
    const said = message(4, { author: { kind: 'agent', ...maya }, body: 'Godo morning' })
    const { frame, box } = await write([said])
    const editMessage = vi.fn(async () => ({ message: said }))
    frame.console.server.editMessage = editMessage
    await fireEvent.keyDown(box, { key: 'ArrowUp' })
    expect(box.value).toBe('Godo morning')
    await fireEvent.input(box, { target: { value: 'Good morning' } })
    await fireEvent.keyDown(box, { key: 'Enter' })
    await vi.waitFor(() => expect(editMessage).toHaveBeenCalledWith(1, 4, 'Good morning'))
    await vi.waitFor(() => expect(box.value).toBe(''))
    expect(frame.console.drafts.of(1).reply).toBe('')
  })

  it('names a colleague in a note by an @ and a few letters', async () => {
    const { frame, box } = await write()
    frame.console.desk.hearPresence(agent({ id: 2, name: 'Femi Adebayo', team_ids: [1] }))
    frame.layers.write('note')
    await tick()
    await fireEvent.input(box, { target: { value: 'Ask @fe' } })
    box.setSelectionRange(7, 7)
    await fireEvent.keyUp(box)
    expect(screen.getAllByRole('option').map(each => each.textContent)).toEqual([expect.stringContaining('Femi Adebayo')])
    await fireEvent.keyDown(box, { key: 'Enter' })
    await vi.waitFor(() => expect(box.value).toBe('Ask @Femi Adebayo '))
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(frame.ask).toHaveBeenCalledWith('message:send', expect.objectContaining({ internal: true, mentions: [{ kind: 'agent', id: 2 }] }))
  })

  it('sends which canned message the words began as', async () => {
    const { frame, box } = await write()
    await fireEvent.input(box, { target: { value: '/receipt' } })
    await vi.waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1))
    await fireEvent.keyDown(box, { key: 'Enter' })
    await vi.waitFor(() => expect(box.value).toBe('Could you send the receipt?'))
    await fireEvent.keyDown(box, { key: 'Enter' })
    expect(frame.ask).toHaveBeenCalledWith('message:send', expect.objectContaining({ canned_id: 3 }))
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
