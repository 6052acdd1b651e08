/** Scopes and events in the order and the groups in which people look for them, and what a delivery came to. */
import type { ApiKeyOut, WebhookBody, WebhookDeliveryOut, WebhookOut } from '#shared/wire.gen'
import { has, t, type SettingsKey } from '../words'

export type Scope = ApiKeyOut['scopes'][number]
export type HookEvent = WebhookBody['events'][number]

const SCOPES: Readonly<Record<'chats' | 'customers' | 'knowledge' | 'failures' | 'broadcasts' | 'reports', readonly Scope[]>> = {
  chats: ['chats:read', 'chats:write'], customers: ['customers:read', 'customers:write'],
  knowledge: ['knowledge:read', 'knowledge:write'], failures: ['failures:read', 'failures:write'],
  broadcasts: ['broadcasts:read', 'broadcasts:send'], reports: ['reports:read']
}

const EVENTS: Readonly<Record<'chats' | 'messages' | 'rest', readonly HookEvent[]>> = {
  chats: ['chat.started', 'chat.queued', 'chat.assigned', 'chat.escalated', 'chat.ended', 'chat.rated'],
  messages: ['message.created', 'message.edited', 'message.deleted'],
  rest: ['failure.created', 'broadcast.finished']
}

/** Told only where notes may leave the house. */
export const INTERNAL: readonly HookEvent[] = ['note.created']

export const scopeGroups = () =>
  Object.entries(SCOPES).map(([group, scopes]) => ({
    name: t(`scopes.group_${group}` as SettingsKey), options: scopes.map(value => ({ value, label: t(`scopes.${value}` as SettingsKey) }))
  }))

export const eventGroups = (internal: boolean) =>
  Object.entries(EVENTS).map(([group, events]) => ({
    name: t(`hooks.group_${group}` as SettingsKey),
    options: [...events, ...(internal && group === 'messages' ? INTERNAL : [])].map(value => ({ value, label: eventName(value) }))
  }))

export const eventName = (event: WebhookDeliveryOut['event']): string => t(`hooks.event_${event}` as SettingsKey)

/** "500", or why there was no answer; empty while nothing was tried. */
export function answerOf(delivery: WebhookDeliveryOut): string {
  if (delivery.fault !== null) return has(`hooks.fault_${delivery.fault}`) ? t(`hooks.fault_${delivery.fault}` as SettingsKey) : delivery.fault
  return delivery.status === null ? '' : t('hooks.answered', { status: delivery.status })
}

export type HookTone = 'ok' | 'warn' | 'bad' | 'neutral'

/** How a webhook does, in a word and a colour. */
export function healthOf(hook: WebhookOut): { tone: HookTone; label: string } {
  if (hook.state === 'off') return { tone: 'bad', label: t('hooks.state_off') }
  if (hook.state === 'paused') return { tone: 'neutral', label: t('hooks.state_paused') }
  if (hook.failures > 0) return { tone: 'warn', label: t('hooks.state_failing', { count: hook.failures }) }
  return { tone: 'ok', label: t('hooks.state_on') }
}
