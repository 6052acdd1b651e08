/** How an agent ends a chat: the desk's reasons, and what each asks for. */
import type { EndBody, EndReasonOut, PromiseIn } from '#shared/wire.gen'

/** The product's own, which every desk has, in the order of their keys. */
export type EndReason = (typeof REASONS)[number]
export const REASONS = ['resolved', 'no_response', 'follow_up', 'time_waster', 'other'] as const

export const isBuiltin = (code: string): code is EndReason => (REASONS as readonly string[]).includes(code)

/** What can be offered before the desk's list is here, and when it does not come. */
export const BUILTIN: readonly EndReasonOut[] = REASONS.map(code => ({
  code, label: '', hint: '', needs_note: code === 'other', promises: code === 'follow_up', builtin: true, archived: false
}))

/** There are nine keys with a digit of their own. What comes after the ninth is chosen by the arrows. */
const KEYED = 9

export const NOTE_LEAST = 3
export const NOTE_MOST = 500

/** Seconds an end waits on this device before it is sent, so that it can be taken back. */
export const UNDO_S = 5

/** What is offered: the product's five first, then the desk's own, without those it has put away. */
export function offered(reasons: readonly EndReasonOut[]): EndReasonOut[] {
  return reasons.filter(each => !each.archived).toSorted((a, b) => Number(b.builtin) - Number(a.builtin))
}

export function reasonForKey(key: string, reasons: readonly EndReasonOut[]): EndReasonOut | null {
  return /^[1-9]$/.test(key) ? (reasons[Number(key) - 1] ?? null) : null
}

export const keyOf = (place: number): string | undefined => (place < KEYED ? String(place + 1) : undefined)

export type NoteProblem = 'note_missing' | 'note_short' | 'note_long'

/** What is wrong with the explanation, or null. Blanks do not count. */
export function noteProblem(reason: Pick<EndReasonOut, 'needs_note'>, note: string): NoteProblem | null {
  const length = [...note.trim()].length
  if (length > NOTE_MOST) return 'note_long'
  if (!reason.needs_note || length >= NOTE_LEAST) return null
  return length === 0 ? 'note_missing' : 'note_short'
}

export type DueProblem = 'due_missing' | 'due_past'

/** What is wrong with the moment promised, or null. */
export function dueProblem(due: Date | null, now: number): DueProblem | null {
  if (due === null || Number.isNaN(due.getTime())) return 'due_missing'
  return due.getTime() <= now ? 'due_past' : null
}

/** The request. A note typed for one reason, or a promise, does not travel with another that asks for neither. */
export function endBody(reason: Pick<EndReasonOut, 'code' | 'needs_note' | 'promises'>, note: string, promise: PromiseIn | null): EndBody {
  return {
    reason: reason.code,
    ...(reason.needs_note ? { note: note.trim() } : {}),
    ...(reason.promises && promise ? { promise } : {})
  }
}

/** A customer who joined and wrote nothing after it is most likely gone: offer that reason first. */
export function suggested(customerMessagesSincePick: number): EndReason {
  return customerMessagesSincePick === 0 ? 'no_response' : 'resolved'
}
