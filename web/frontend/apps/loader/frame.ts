import type { Options } from './options'
import { heardFromFrame, type FromFrame, type ToFrame } from './verbs'

export interface Frame {
  element: HTMLIFrameElement
  show(shown: boolean, focus: boolean): void
}

/**
 * The chat itself, in a frame of the desk's own origin: the page's scripts cannot read
 * what is said there, nor the visitor's token. It is made when it is first needed.
 */
export function createFrame({ base, key, theme }: Options, title: string, heard: (word: FromFrame) => void): Frame {
  const element = document.createElement('iframe')
  const query = new URLSearchParams({ key, origin: location.origin, ...(theme && { theme }) })
  const { origin } = new URL(base)
  let ready = false
  let shown = false
  let focus = false

  function tell(): void {
    const page = location.pathname.slice(0, 500)
    const word: ToFrame = { parley: shown ? 'shown' : 'hidden', page, focus }
    if (ready) element.contentWindow?.postMessage(word, origin)
  }

  element.className = 'panel'
  element.title = title
  element.allow = 'microphone' // a voice message is recorded in the frame, when the visitor asks for it
  element.src = `${base}w/frame?${query}`
  addEventListener('message', event => {
    const word = heardFromFrame(event, { origin, window: element.contentWindow })
    if (word?.parley === 'ready') {
      ready = true
      tell()
    } else if (word) heard(word)
  })

  return {
    element,
    show(now, wanted) {
      shown = now
      focus = now && wanted
      element.classList.toggle('open', now)
      if (focus) element.focus()
      tell()
    }
  }
}
