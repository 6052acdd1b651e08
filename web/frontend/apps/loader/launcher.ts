import type { Options } from './options'
import { styleSheet } from './style'

/** The paths are Lucide's `message-circle`, `chevron-down` and `x` (ISC licence). */
const CHAT = 'M2.99 16.34a2 2 0 0 1 .1 1.17l-1.07 3.29a1 1 0 0 0 1.24 1.17l3.41-1a2 2 0 0 1 1.1.09 10 10 0 1 0-4.78-4.72'
const DOWN = 'm6 9 6 6 6-6'
const CROSS = 'M18 6 6 18M6 6l12 12'

const WORDS = {
  open: 'Open chat',
  close: 'Close chat',
  hush: 'Dismiss this message',
  unread: (count: number) => `Open chat, ${count} new ${count === 1 ? 'message' : 'messages'}`
}

function icon(path: string, size: number): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const line = document.createElementNS(svg.namespaceURI, 'path')
  line.setAttribute('d', path)
  const look = { width: size, height: size, viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor' }
  const stroke = { 'stroke-width': 1.9, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': true }
  for (const [name, value] of Object.entries({ ...look, ...stroke })) svg.setAttribute(name, String(value))
  svg.append(line)
  return svg as SVGSVGElement
}

function button(className: string, onclick: () => void): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = className
  made.onclick = onclick
  return made
}

/**
 * The round button, its badge and its one-line teaser.
 *
 * They live in an open shadow root: the page's styles do not leak in, ours do not leak
 * out, and assistive technology and tests still see everything.
 */
export class Launcher {
  readonly root: ShadowRoot
  private readonly dock = document.createElement('div')
  private readonly launch: HTMLButtonElement
  private teaser: HTMLElement | null = null
  private unread = 0
  private open = false

  constructor(options: Options, brand: string, on: string, toggle: () => void) {
    const host = document.createElement('div')
    host.id = 'parley'
    this.root = host.attachShadow({ mode: 'open' })
    this.root.adoptedStyleSheets = [styleSheet(options, brand, on)]
    this.launch = button('launch', toggle)
    this.launch.setAttribute('aria-haspopup', 'dialog')
    this.dock.className = 'dock'
    this.dock.append(this.launch)
    this.root.append(this.dock)
    this.paint()
    document.body.append(host)
  }

  /** One line beside the button, until it is followed, dismissed, or the chat opens. */
  tease(name: string, line: string, follow: () => void): void {
    const bubble = (this.teaser = document.createElement('div'))
    bubble.className = 'teaser'
    const from = document.createElement('small')
    from.textContent = name
    const say = button('say', follow)
    say.append(from, line)
    const hush = button('hush', () => {
      this.hushTeaser()
      this.focus()
    })
    hush.setAttribute('aria-label', WORDS.hush)
    hush.append(icon(CROSS, 16))
    bubble.append(say, hush)
    this.dock.prepend(bubble)
  }

  show(state: { open?: boolean; unread?: number }): void {
    this.open = state.open ?? this.open
    this.unread = state.unread ?? this.unread
    if (this.open) this.hushTeaser()
    this.paint()
  }

  focus(): void {
    this.launch.focus()
  }

  private hushTeaser(): void {
    this.teaser?.remove()
    this.teaser = null
  }

  private paint(): void {
    const { launch, open, unread } = this
    launch.replaceChildren(icon(open ? DOWN : CHAT, 26))
    launch.setAttribute('aria-expanded', String(open))
    launch.setAttribute('aria-label', open ? WORDS.close : unread ? WORDS.unread(unread) : WORDS.open)
    if (open || !unread) return
    const badge = document.createElement('span')
    badge.className = 'badge'
    badge.textContent = unread > 99 ? '99+' : String(unread)
    launch.append(badge)
  }
}
