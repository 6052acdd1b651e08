/**
 * Keys: which do what, whether single keys work at all, and F6 through the panes.
 *
 * A binding is written as people read it: `n`, `Shift+E`, `Mod+k` (⌘ on a Mac, Ctrl elsewhere), `g i` for one after the
 * other. Keys without a modifier are left alone in text fields and can be switched off.
 */

export interface Binding {
  keys: string
  /** What it does, in words for the list of keys. */
  label: string
  run: (event: KeyboardEvent) => void
  /** Left out of play while this says false. */
  when?: () => boolean
  /** Works in text fields too. Bindings with Mod or Alt do anyhow. */
  everywhere?: boolean
}

export interface Keymap {
  /** Returns the way to take them out again. What was added last is asked first. */
  add(bindings: readonly Binding[]): () => void
  /** All that are in play, for the list of keys. */
  list(): Binding[]
  /** WCAG 2.1.4: whether keys without a modifier do anything. */
  singleKeys: boolean
  close(): void
}

const SEQUENCE_WITHIN = 3_000 // as long as somebody takes for whom keys are far apart
const MAC = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)

export function createKeymap(): Keymap {
  const bindings: Binding[] = []
  let pending: { stroke: string; at: number } | null = null

  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return
    if (event.key === 'F6') return cyclePanes(event)
    const stroke = strokeOf(event)
    const sequence = pending && event.timeStamp - pending.at < SEQUENCE_WITHIN ? `${pending.stroke} ${stroke}` : null
    const usable = bindings.filter(each => allowed(each, event))
    const found = usable.findLast(each => each.keys === sequence) ?? usable.findLast(each => each.keys === stroke)
    if (found) {
      pending = null
      event.preventDefault()
      found.run(event)
      return
    }
    const begins = usable.some(each => each.keys.startsWith(`${stroke} `))
    pending = begins ? { stroke, at: event.timeStamp } : null
  }

  function allowed(binding: Binding, event: KeyboardEvent): boolean {
    if (binding.when?.() === false) return false
    if (/Mod\+|Alt\+/.test(binding.keys) || binding.keys === 'Escape') return true
    if (!keymap.singleKeys) return false
    return binding.everywhere === true || !isTyping(event)
  }

  const keymap: Keymap = {
    singleKeys: true,
    add(added) {
      bindings.push(...added)
      return () => {
        for (const each of added) bindings.splice(bindings.indexOf(each), 1)
      }
    },
    list: () => bindings.filter(each => each.when?.() !== false),
    close: () => document.removeEventListener('keydown', onKey)
  }
  document.addEventListener('keydown', onKey)
  return keymap
}

/** The keys as they are engraved: `['⌘', 'K']` or `['Ctrl', 'K']`. */
export function keyCaps(keys: string, mac = MAC): string[] {
  const names: Record<string, string> = { Mod: mac ? '⌘' : 'Ctrl', Alt: mac ? '⌥' : 'Alt', Shift: '⇧', Enter: '↵', Escape: 'Esc' }
  const arrows: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' }
  return keys.split(/[ +]/).map(key => names[key] ?? arrows[key] ?? (key.length === 1 ? key.toUpperCase() : key))
}

function strokeOf(event: KeyboardEvent): string {
  const [mod, other] = MAC ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey]
  const letter = /^[a-z]$/i.test(event.key)
  const key = letter ? (event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase()) : event.key
  // Shift is part of what other characters are: `?` is Shift and a key, but which key differs by layout.
  const shift = event.shiftKey && (letter || event.key.length > 1)
  return `${other ? 'Other+' : ''}${mod ? 'Mod+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`
}

function isTyping(event: KeyboardEvent): boolean {
  const at = event.composedPath()[0]
  if (!(at instanceof HTMLElement)) return false
  if (at instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit', 'range'].includes(at.type)
  return at.isContentEditable || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement
}

/** To the next element marked `data-pane`, or with Shift to the one before; into it, where it holds what can be focused. */
function cyclePanes(event: KeyboardEvent): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(each => each.checkVisibility())
  if (panes.length === 0) return
  event.preventDefault()
  const here = panes.findIndex(each => each.contains(document.activeElement))
  const step = event.shiftKey ? -1 : 1
  const next = panes[(Math.max(here, step < 0 ? 0 : -1) + step + panes.length) % panes.length]!
  const focusable = [...next.querySelectorAll<HTMLElement>('[data-pane-focus], a[href], button:not(:disabled), input, textarea, [tabindex="0"]')]
  // What only another width shows, such as the way back on a phone, takes no focus here.
  ;(focusable.find(each => each.checkVisibility()) ?? next).focus()
}
