import { fireEvent, render, screen } from '@testing-library/svelte'
import { createRawSnippet, flushSync } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import Button from '#shared/kit/Button.svelte'
import CommandPalette from '#shared/kit/CommandPalette.svelte'
import Combobox from '#shared/kit/Combobox.svelte'
import { hueOf, initialsOf } from '#shared/kit/hue'
import { placed } from '#shared/kit/placement'
import { rovingStep } from '#shared/kit/roving'
import Segmented from '#shared/kit/Segmented.svelte'
import Stars from '#shared/kit/Stars.svelte'
import { Toasts } from '#shared/kit/toasts.svelte'

const words = (text: string) => createRawSnippet(() => ({ render: () => `<span>${text}</span>` }))

describe('Button', () => {
  it.each([{ busy: true }, { reason: 'You have 6 of 6 chats' }])('keeps its focus and does nothing with %o', async props => {
    const onclick = vi.fn<() => void>()
    render(Button, { ...props, onclick, children: words('Start') })
    const button = screen.getByRole('button')
    button.focus()
    await fireEvent.click(button)
    expect(onclick).not.toHaveBeenCalled()
    expect(document.activeElement).toBe(button)
    expect(button.getAttribute('aria-disabled')).toBe('true')
  })
})

describe('Segmented', () => {
  const options = [{ value: 'queue', label: 'Queue' }, { value: 'mine', label: 'Mine' }, { value: 'bot', label: 'Assistant' }]

  it('is one stop for Tab, with arrows inside', async () => {
    const onchange = vi.fn<(value: string) => void>()
    render(Segmented, { label: 'Lists', options, value: 'queue', as: 'tabs', onchange })
    const tabs = screen.getAllByRole('tab')
    expect(tabs.map(tab => tab.tabIndex)).toEqual([0, -1, -1])
    await fireEvent.keyDown(tabs[0]!, { key: 'ArrowLeft' })
    expect(onchange).toHaveBeenCalledWith('bot')
    expect(document.activeElement).toBe(tabs[2])
    expect(tabs.map(tab => tab.tabIndex)).toEqual([-1, -1, 0])
  })
})

describe('lists under an input', () => {
  const AGENTS = [{ name: 'Maya', full: false }, { name: 'Femi', full: true }]

  it('Combobox: finds, moves, and refuses with a reason', async () => {
    const onchoose = vi.fn<(agent: unknown) => void>()
    render(Combobox<{ name: string; full: boolean }>, {
      label: 'Agent',
      items: AGENTS,
      text: agent => agent.name,
      key: agent => agent.name,
      reason: agent => (agent.full ? 'Full' : null),
      onchoose
    })
    const input = screen.getByRole('combobox')
    await fireEvent.keyDown(input, { key: 'ArrowDown' })
    await fireEvent.keyDown(input, { key: 'Enter' })
    expect(onchoose).not.toHaveBeenCalled()
    await fireEvent.input(input, { target: { value: 'may' } })
    await fireEvent.keyDown(input, { key: 'Enter' })
    expect(onchoose).toHaveBeenCalledWith(AGENTS[0])
  })

  it('CommandPalette: runs what is chosen and closes', async () => {
    const run = vi.fn<() => void>()
    const commands = [
      { id: 'a', label: 'Away', group: 'Presence', run: vi.fn<() => void>() },
      { id: 'b', label: 'History', group: 'Go to', run }
    ]
    render(CommandPalette, { open: true, label: 'Jump', placeholder: 'Jump to', commands })
    const input = screen.getByRole('combobox', { hidden: true })
    await fireEvent.input(input, { target: { value: 'hist' } })
    await fireEvent.keyDown(input, { key: 'Enter' })
    expect(run).toHaveBeenCalledOnce()
    expect(screen.queryByRole('combobox', { hidden: true })).toBeNull()
  })
})

it('Stars are radios', async () => {
  const onrate = vi.fn<(stars: number) => void>()
  render(Stars, { value: null, label: 'Rate', onrate })
  await fireEvent.click(screen.getByRole('radio', { name: '4 stars' }))
  expect(onrate).toHaveBeenCalledWith(4)
})

describe('toasts', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const texts = (toasts: Toasts) => (flushSync(), toasts.items.map(each => each.text))

  it('go by themselves, unless they hold an action', () => {
    const toasts = new Toasts()
    toasts.show('plain')
    toasts.show('held', { action: { label: 'Open', run: () => undefined } })
    vi.advanceTimersByTime(5_000)
    expect(texts(toasts)).toEqual(['held'])
  })

  it('tell whether they were acted on or have run out', () => {
    const toasts = new Toasts()
    const [undo, expired] = [vi.fn<() => void>(), vi.fn<() => void>()]
    toasts.show('first', { seconds: 6, action: { label: 'Undo', run: undo }, onexpire: expired })
    toasts.act(toasts.items[0]!)
    vi.advanceTimersByTime(6_000)
    expect([undo.mock.calls.length, expired.mock.calls.length]).toEqual([1, 0])
    toasts.show('second', { seconds: 6, action: { label: 'Undo', run: undo }, onexpire: expired })
    vi.advanceTimersByTime(6_000)
    expect([undo.mock.calls.length, expired.mock.calls.length]).toEqual([1, 1])
  })
})

describe('small sums', () => {
  const screenSize = { width: 400, height: 300 }
  const panel = { width: 200, height: 100 }

  it('put a panel where there is room', () => {
    expect(placed({ left: 20, top: 20, width: 50, height: 30 }, panel, screenSize, 'bottom-start')).toEqual({ left: 20, top: 56 })
    expect(placed({ left: 20, top: 250, width: 50, height: 30 }, panel, screenSize, 'bottom-start')).toEqual({ left: 20, top: 144 })
    expect(placed({ left: 380, top: 20, width: 20, height: 30 }, panel, screenSize, 'bottom-start')).toEqual({ left: 192, top: 56 })
    expect(placed({ left: 300, top: 20, width: 50, height: 30 }, panel, screenSize, 'bottom-start', true)).toEqual({ left: 150, top: 56 })
  })

  it('step around', () => {
    expect([rovingStep('ArrowRight', 2, 3), rovingStep('Home', 2, 3), rovingStep('a', 2, 3), rovingStep('End', 0, 0)]).toEqual([0, 0, null, null])
  })

  it('make a face of a name', () => {
    expect([initialsOf('Maya Lindholm'), initialsOf('  jun '), initialsOf('Ana María Ruiz')]).toEqual(['ML', 'J', 'AM'])
    expect(hueOf('Maya')).toBe(hueOf('Maya'))
  })
})
