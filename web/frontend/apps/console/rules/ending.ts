/** The five ways an agent ends a chat, and what each asks for. */
import type { EndBody } from '#shared/wire.gen'

export type EndReason = (typeof REASONS)[number]

/** In the order of their keys, 1 to 5. */
export const REASONS = ['resolved', 'no_response', 'follow_up', 'time_waster', 'other'] as const

export const NOTE_LEAST = 3
export const NOTE_MOST = 500

/** Seconds an end waits on this device before it is sent, so that it can be taken back. */
export const UNDO_S = 5

export type EndProblem = 'note_missing' | 'note_short' | 'note_long'

export function reasonForKey(key: string): EndReason | null {
  return /^[1-5]$/.test(key) ? (REASONS[Number(key) - 1] ?? null) : null
}

/** What keeps this form from being sent, or null. Only Others needs words. */
export function problem(reason: EndReason, note: string): EndProblem | null {
  const length = [...note.trim()].length
  if (length > NOTE_MOST) return 'note_long'
  if (reason !== 'other' || length >= NOTE_LEAST) return null
  return length === 0 ? 'note_missing' : 'note_short'
}

/** The request. Words typed for Others do not travel with another reason. */
export function endBody(reason: EndReason, note: string): EndBody {
  return reason === 'other' ? { reason, note: note.trim() } : { reason }
}

/** A customer who joined and wrote nothing after it is most likely gone: offer that reason first. */
export function suggested(customerMessagesSincePick: number): EndReason {
  return customerMessagesSincePick === 0 ? 'no_response' : 'resolved'
}
