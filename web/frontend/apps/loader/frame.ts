import type { Options } from './options'
import { heardFromFrame, type FromFrame, type ToFrame } from './verbs'

/**
 * The chat itself, in a frame of the desk's own origin: the page's scripts cannot read
 * what is said there, nor the visitor's token. It is made when it is first needed.
 */
export class Frame {
  private readonly element = document.createElement('iframe')
  private readonly origin: string
  private ready = false
  private shown = false
  private focusWanted = false

  constructor(options: Options, title: string, heard: (word: FromFrame) => void) {
    const address = new URL('w/frame', options.base)
    address.searchParams.set('key', options.key)
    address.searchParams.set('origin', location.origin)
    if (options.theme) address.searchParams.set('theme', options.theme)
    this.origin = address.origin
    this.element.className = 'panel'
    this.element.title = title
    this.element.allow = 'clipboard-write'
    this.element.src = address.href
    addEventListener('message', event => {
      const word = heardFromFrame(event, { origin: this.origin, window: this.element.contentWindow })
      if (word?.parley === 'ready') {
        this.ready = true
        this.tell()
      } else if (word) heard(word)
    })
  }

  /** Before the launcher in the document, so Tab goes from the chat to the button that closes it. */
  putInto(root: ShadowRoot): void {
    root.prepend(this.element)
    this.element.getBoundingClientRect() // lay the closed panel out once, so opening it can move
  }

  show(shown: boolean, focus: boolean): void {
    this.shown = shown
    this.focusWanted = shown && focus
    this.element.classList.toggle('open', shown)
    if (this.focusWanted) this.element.focus()
    if (this.ready) this.tell()
  }

  private tell(): void {
    const page = location.pathname.slice(0, 500)
    const word: ToFrame = this.shown
      ? { parley: 'shown', page, focus: this.focusWanted }
      : { parley: 'hidden', page }
    this.element.contentWindow?.postMessage(word, this.origin)
  }
}
