import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createKeymap, keyCaps, type Keymap } from '#shared/keyboard'

describe('keymap', () => {
  let keymap: Keymap
  const run = vi.fn<(event: KeyboardEvent) => void>()
  beforeEach(() => {
    run.mockReset()
    keymap = createKeymap()
  })
  afterEach(() => {
    keymap.close()
    document.body.replaceChildren()
  })

  function press(key: string, init: KeyboardEventInit = {}, at: EventTarget = document.body) {
    at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true, ...init }))
  }

  it('runs single keys, with Shift as part of a letter', () => {
    keymap.add([{ keys: 'Shift+E', label: 'End', run }])
    press('e')
    expect(run).not.toHaveBeenCalled()
    press('E', { shiftKey: true })
    expect(run).toHaveBeenCalledOnce()
  })

  it('leaves single keys alone in text fields, but not Mod', () => {
    keymap.add([{ keys: 'n', label: 'Next', run }, { keys: 'Mod+k', label: 'Palette', run }])
    const input = document.body.appendChild(document.createElement('input'))
    press('n', {}, input)
    expect(run).not.toHaveBeenCalled()
    press('k', { ctrlKey: true }, input)
    expect(run).toHaveBeenCalledOnce()
  })

  it('can be switched off for single keys', () => {
    keymap.add([{ keys: 'n', label: 'Next', run }, { keys: 'Mod+k', label: 'Palette', run }])
    keymap.singleKeys = false
    press('n')
    press('k', { ctrlKey: true })
    expect(run).toHaveBeenCalledOnce()
  })

  it('reads one key after another', () => {
    const other = vi.fn<() => void>()
    keymap.add([{ keys: 'g i', label: 'Inbox', run }, { keys: 'i', label: 'Other', run: other }])
    press('g')
    press('i')
    expect(run).toHaveBeenCalledOnce()
    expect(other).not.toHaveBeenCalled()
    press('i')
    expect(other).toHaveBeenCalledOnce()
  })

  it('asks what was added last first, and forgets what was taken out', () => {
    const top = vi.fn<() => void>()
    keymap.add([{ keys: 'Escape', label: 'Back', run }])
    const remove = keymap.add([{ keys: 'Escape', label: 'Close', run: top }])
    press('Escape')
    remove()
    press('Escape')
    expect([top.mock.calls.length, run.mock.calls.length]).toEqual([1, 1])
  })
})

it('writes keys as they are engraved', () => {
  expect(keyCaps('Mod+k', true)).toEqual(['⌘', 'K'])
  expect(keyCaps('Mod+k', false)).toEqual(['Ctrl', 'K'])
  expect(keyCaps('g i')).toEqual(['G', 'I'])
})
