/**
 * The one script tag a customer's site carries:
 *
 *     <script src="https://desk.example/w.js" data-key="pk_…" async></script>
 *
 * `data-side` is left or right, `data-theme` light or dark, `data-open` opens at once.
 * Any element of the page with the attribute `data-parley-open` opens the chat too.
 * Nothing but this small file is loaded until somebody does.
 */
import type { WidgetConfig } from '../../shared/wire.gen'
import { asHex, textOn } from '#shared/brand'
import { createFrame, type Frame } from './frame'
import { createLauncher } from './launcher'
import { memoryFor } from './memory'
import { readOptions, type Options } from './options'
import type { FromFrame } from './verbs'

const TEASE_AFTER_MS = 3000

async function configOf({ base, key }: Options): Promise<WidgetConfig> {
  const answer = await fetch(`${base}api/widget/config?key=${encodeURIComponent(key)}`)
  if (!answer.ok) throw new Error(`${answer.status}: wrong data-key or site`)
  return (await answer.json()) as WidgetConfig
}

async function start(options: Options): Promise<void> {
  const config = await configOf(options)
  const brand = asHex(config.brand)
  const memory = memoryFor(options.key)
  const launcher = createLauncher(options, brand, textOn(brand), () => toggle(!open))
  let frame: Frame | null = null
  let open = false
  let openedFrom: HTMLElement | null = null

  function wakeFrame(): Frame {
    if (frame) return frame
    frame = createFrame(options, `Chat with ${config.name}`, heard)
    // Before the launcher in the document, so Tab goes from the chat to the button that closes it.
    launcher.root.prepend(frame.element)
    frame.element.getBoundingClientRect() // lay the closed panel out once, so that opening it can move
    return frame
  }

  function heard(word: FromFrame): void {
    if (word.parley === 'close') toggle(false)
    // A visitor with a chat gets the hidden frame on the next page too, so that the badge can count.
    if (word.parley === 'chat') memory.set('chat', word.open)
    if (word.parley === 'unread') launcher.show({ unread: word.count })
  }

  function toggle(to: boolean, focus = true): void {
    if (to === open) return
    open = to
    wakeFrame().show(open, focus)
    launcher.show({ open })
    if (open) return
    if (openedFrom?.isConnected) openedFrom.focus()
    else launcher.focus()
    openedFrom = null
  }

  addEventListener('keydown', event => {
    if (event.key === 'Escape' && open && !event.defaultPrevented) toggle(false)
  })
  document.addEventListener('click', event => {
    const link = (event.target as Element).closest?.<HTMLElement>('[data-parley-open]')
    if (!link) return
    event.preventDefault()
    openedFrom = link
    toggle(true)
  })

  if (options.startOpen) toggle(true, false)
  else if (memory.has('chat')) wakeFrame()
  else if (config.teaser && !memory.has('teased'))
    setTimeout(() => {
      if (frame) return
      launcher.tease(config.name, config.teaser, () => toggle(true))
      memory.set('teased', true)
    }, TEASE_AFTER_MS)
}

function begin(): void {
  if (!options) return console.warn('Parley: no data-key')
  if (document.getElementById('parley')) return
  start(options).catch((reason: unknown) => console.warn('Parley:', reason))
}

// `currentScript` is known only while this file runs; the body may have to wait.
const options = readOptions(document.currentScript as HTMLScriptElement)
if (document.body) begin()
else addEventListener('DOMContentLoaded', begin)
