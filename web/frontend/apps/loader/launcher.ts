import type { Options } from './options'
import { styleSheet } from './style'

const CHAT = 'M21 12a8.5 8.5 0 0 1-12.5 7.6L3 21l1.4-5.5A8.5 8.5 0 1 1 21 12Z'
const DOWN = 'm6 9 6 6 6-6'

export interface Launcher {
  root: ShadowRoot
  show(change: { open?: boolean; unread?: number }): void
  /** One line beside the button, until it is followed, dismissed, or the chat opens. */
  tease(name: string, line: string, follow: () => void): void
  focus(): void
}

/**
 * The round button, its badge and its one-line teaser.
 *
 * They live in an open shadow root: the page's styles do not leak in, ours do not leak
 * out, and assistive technology and tests still see everything.
 */
export function createLauncher(options: Options, brand: string, on: string, toggle: () => void): Launcher {
  const host = make('div')
  const root = host.attachShadow({ mode: 'open' })
  const dock = make('div', 'dock')
  const launch = button('launch', toggle)
  let teaser: HTMLElement | undefined
  let open = false
  let unread = 0

  function show(change: { open?: boolean; unread?: number }): void {
    ;({ open = open, unread = unread } = change)
    if (open) teaser?.remove()
    launch.replaceChildren(icon(open ? DOWN : CHAT))
    launch.ariaExpanded = String(open)
    launch.ariaLabel = open ? 'Close chat' : unread ? `Open chat, ${unread} new` : 'Open chat'
    if (open || !unread) return
    const badge = make('span', 'badge')
    badge.append(unread > 99 ? '99+' : String(unread))
    launch.append(badge)
  }

  host.id = 'parley'
  root.adoptedStyleSheets = [styleSheet(options, brand, on)]
  launch.ariaHasPopup = 'dialog'
  dock.append(launch)
  root.append(dock)
  show({})
  document.body.append(host)

  return {
    root,
    show,
    tease(name, line, follow) {
      teaser = make('div', 'teaser')
      const from = make('small')
      from.append(name)
      const say = button('say', follow)
      say.append(from, line)
      const hush = button('hush', () => {
        teaser?.remove()
        launch.focus()
      })
      hush.ariaLabel = 'Dismiss'
      hush.append('×')
      teaser.append(say, hush)
      dock.prepend(teaser)
    },
    focus: () => launch.focus()
  }
}

function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className = ''): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  made.className = className
  return made
}

function button(className: string, onclick: () => void): HTMLButtonElement {
  const made = make('button', className)
  made.onclick = onclick
  return made
}

function icon(path: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const line = document.createElementNS(svg.namespaceURI, 'path')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.ariaHidden = 'true'
  line.setAttribute('d', path)
  svg.append(line)
  return svg as SVGElement
}
