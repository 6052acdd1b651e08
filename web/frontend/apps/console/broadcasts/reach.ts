/** How far a broadcast is, in figures: whom it is for, who is over, and what may be done with it now. */
import type { BroadcastCounts, BroadcastOut } from '#shared/wire.gen'
import { dayIn, timeAt } from '#shared/opening'
import type { Permission } from '../rules/allowed'

const DAY_MS = 86_400_000

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

/** A moment as a date-and-time field has it, in that time zone. */
export function fieldOf(moment: number, zone: string): string {
  const { date, minute } = dayIn(zone, moment)
  return `${date}T${timeAt(minute)}`
}

/** The moment that a date-and-time field names in that time zone. Of an hour that comes twice it is the first; one that is skipped is an hour later. */
export function momentOf(field: string, zone: string): number {
  const asUtc = (written: string) => Date.parse(`${written}:00Z`)
  const wall = asUtc(field)
  const [before, after] = [-DAY_MS, DAY_MS].map(shift => wall - (asUtc(fieldOf(wall + shift, zone)) - (wall + shift))) as [number, number]
  return fieldOf(before, zone) !== field && fieldOf(after, zone) === field ? after : before
}
