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

/** `focus`: the visitor opened it by hand, so that is where they go on. */
export type ToFrame = { parley: 'shown' | 'hidden'; page: string; focus: boolean }

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
export function heardFromPage(event: MessageEvent, host: Counterpart): ToFrame | null {
  const { parley, page, focus } = said(event, host) ?? {}
  if (typeof page !== 'string') return null
  return parley === 'shown' || parley === 'hidden' ? { parley, page, focus: focus === true } : null
}
