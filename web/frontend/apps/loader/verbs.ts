/**
 * What the customer's page and the chat frame may say to each other, and nothing else.
 *
 * Both sides name the exact origin they post to, and listen only to the one window
 * they expect, from the one origin they expect. A word that is not in these lists is
 * not heard.
 */

export type FromFrame =
  | { parley: 'ready' }
  | { parley: 'close' }
  | { parley: 'unread'; count: number }
  | { parley: 'chat'; open: boolean }

export type ToFrame = { parley: 'shown'; page: string; focus: boolean } | { parley: 'hidden'; page: string }

/** Where a message must come from to be heard. */
export interface Counterpart {
  origin: string
  window: unknown
}

function said(event: MessageEvent, from: Counterpart): Record<string, unknown> | null {
  const trusted = from.window && event.source === from.window && event.origin === from.origin
  return trusted && typeof event.data === 'object' ? (event.data as Record<string, unknown> | null) : null
}

/** What the frame said, or null when it was somebody else or makes no sense. */
export function heardFromFrame(event: MessageEvent, frame: Counterpart): FromFrame | null {
  const word = said(event, frame)
  const { parley, count, open } = word ?? {}
  const known =
    parley === 'ready' ||
    parley === 'close' ||
    (parley === 'unread' && Number.isSafeInteger(count) && (count as number) >= 0) ||
    (parley === 'chat' && typeof open === 'boolean')
  return known ? (word as FromFrame) : null
}

/** What the page said, or null when it was somebody else or makes no sense. */
export function heardFromPage(event: MessageEvent, page: Counterpart): ToFrame | null {
  const word = said(event, page)
  if (typeof word?.['page'] !== 'string') return null
  if (word['parley'] === 'shown') return { parley: 'shown', page: word['page'], focus: word['focus'] === true }
  return word['parley'] === 'hidden' ? { parley: 'hidden', page: word['page'] } : null
}
