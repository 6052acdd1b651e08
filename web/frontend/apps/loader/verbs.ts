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

type Said = Record<string, unknown> & { parley: unknown }

function said(event: MessageEvent, from: Counterpart): Said | null {
  const trusted = from.window && event.source === from.window && event.origin === from.origin
  const data: unknown = event.data
  return trusted && typeof data === 'object' && data && 'parley' in data ? (data as Said) : null
}

/** What the frame said, or null when it was somebody else or makes no sense. */
export function heardFromFrame(event: MessageEvent, frame: Counterpart): FromFrame | null {
  const word = said(event, frame)
  switch (word?.parley) {
    case 'ready':
    case 'close':
      return { parley: word.parley }
    case 'unread':
      return Number.isSafeInteger(word['count']) && (word['count'] as number) >= 0
        ? { parley: 'unread', count: word['count'] as number }
        : null
    case 'chat':
      return typeof word['open'] === 'boolean' ? { parley: 'chat', open: word['open'] } : null
    default:
      return null
  }
}

/** What the page said, or null when it was somebody else or makes no sense. */
export function heardFromPage(event: MessageEvent, page: Counterpart): ToFrame | null {
  const word = said(event, page)
  if (typeof word?.['page'] !== 'string') return null
  if (word.parley === 'shown') return { parley: 'shown', page: word['page'], focus: word['focus'] === true }
  return word.parley === 'hidden' ? { parley: 'hidden', page: word['page'] } : null
}
