/** How far a broadcast is, in figures: whom it is for, who is over, and what may be done with it now. */
import type { BroadcastCounts, BroadcastOut } from '#shared/wire.gen'
import type { Permission } from '../rules/allowed'

export const OUTCOMES = ['sent', 'failed', 'unknown', 'skipped', 'waiting', 'claimed'] as const

/** Everybody who is, or was, written to; who is left out is not among them. */
export const meant = ({ total, skipped }: BroadcastCounts): number => total - skipped

/** Those of whom it is known how it ended. */
export const over = ({ sent, failed, unknown }: BroadcastCounts): number => sent + failed + unknown

export interface Doable {
  edit: boolean
  send: boolean
  pause: boolean
  resume: boolean
  cancel: boolean
  retry: boolean
}

export function doable({ state, counts }: Pick<BroadcastOut, 'state' | 'counts'>, can: (permission: Permission) => boolean): Doable {
  const sends = can('broadcast.send')
  return {
    edit: can('broadcast.prepare') && state === 'draft',
    send: sends && state === 'draft',
    pause: sends && state === 'sending',
    resume: sends && state === 'paused',
    cancel: sends && (state === 'scheduled' || state === 'sending' || state === 'paused'),
    retry: sends && counts.failed > 0 && state !== 'cancelled' && state !== 'draft' && state !== 'scheduled'
  }
}

/** A moment as a date-and-time field has it, in the browser's own zone. */
export function fieldOf(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
