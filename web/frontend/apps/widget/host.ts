/** The embedding page, as far as the frame may talk to it. Opened without a page around it, nobody listens. */
import { heardFromPage, type FromFrame, type ToFrame } from '../loader/verbs'

export interface Host {
  say(word: FromFrame): void
}

export function hostAt(origin: string | null, heard: (word: ToFrame) => void): Host {
  if (!origin || window.parent === window) {
    heard({ parley: 'shown', page: '', focus: false })
    return { say: () => undefined }
  }
  window.addEventListener('message', event => {
    const word = heardFromPage(event, { origin, window: window.parent })
    if (word) heard(word)
  })
  return { say: word => window.parent.postMessage(word, origin) }
}
