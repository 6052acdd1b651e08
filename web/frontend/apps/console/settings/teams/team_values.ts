/** What the form of a team holds. Null: as the desk says. */
import type { DurationUnit } from '#shared/durations'
import type { TeamAdminOut } from '#shared/wire.gen'

export type TeamValues = Omit<TeamAdminOut, 'id' | 'archived' | 'waiting'>

export const NEW_TEAM: TeamValues = {
  name: '', hue: 262, member_ids: [], auto_assign: null, agent_limit: null, assign_policy: null, hours: null, queue_max_s: null,
  first_reply_s: null, first_reply_requeue: null, idle_warn_s: null, idle_end_s: null, idle_end_async_s: null, alarm_wait_s: null,
  escalation_steps: null, escalation_in_hours: null, escalation_expected_s: null
}

export function valuesOf({ id: _id, archived: _archived, waiting: _waiting, ...values }: TeamAdminOut): TeamValues {
  return values
}

/** Times a team may set for itself, with the limits that the desk's own have. */
export const TIMES = [
  { name: 'first_reply_s', label: 'assignment.first_reply', least: 10, most: 3_600, unit: 'second' },
  { name: 'alarm_wait_s', label: 'assignment.alarm', least: 30, most: 86_400, unit: 'minute' },
  { name: 'queue_max_s', label: 'timing.queue_max', least: 60, most: 86_400, unit: 'minute' },
  { name: 'idle_warn_s', label: 'timing.idle_warn', least: 30, most: 86_400, unit: 'minute' },
  { name: 'escalation_expected_s', label: 'escalations.expected', least: 60, most: 2_592_000, unit: 'minute' },
  { name: 'idle_end_s', label: 'timing.idle_end', least: 60, most: 172_800, unit: 'minute' },
  { name: 'idle_end_async_s', label: 'timing.idle_end_async', least: 3_600, most: 2_592_000, unit: 'hour' }
] as const satisfies readonly { name: keyof TeamValues; label: string; least: number; most: number; unit: DurationUnit }[]
