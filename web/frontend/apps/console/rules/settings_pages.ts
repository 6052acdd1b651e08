/** The pages of the settings: in what order they stand, and who may use each. */
import type { IconName } from '#icons'
import type { Permission } from './allowed'

export const GROUPS = ['mine', 'desk', 'people', 'chats', 'integrations', 'safety'] as const
export type SettingsGroup = (typeof GROUPS)[number]

export type SettingsPageId =
  | 'notifications' | 'canned' | 'desk' | 'bot' | 'channels' | 'assignment' | 'timing' | 'escalations' | 'hours' | 'teams' | 'agents' | 'routing'
  | 'end-reasons' | 'tags' | 'attributes' | 'api-keys' | 'webhooks' | 'blocked' | 'keeping' | 'audit'

export interface SettingsPage {
  id: SettingsPageId
  group: SettingsGroup
  icon: IconName
  /** Null: everybody's own. */
  permission: Permission | null
}

export const SETTINGS_PAGES: readonly SettingsPage[] = [
  { id: 'canned', group: 'mine', icon: 'message-square-text', permission: 'chat.answer' },
  { id: 'notifications', group: 'mine', icon: 'bell', permission: null },
  { id: 'desk', group: 'desk', icon: 'building', permission: 'desk.edit' },
  { id: 'bot', group: 'desk', icon: 'bot', permission: 'desk.edit' },
  { id: 'channels', group: 'desk', icon: 'inbox', permission: 'desk.edit' },
  { id: 'assignment', group: 'desk', icon: 'gauge', permission: 'desk.edit' },
  { id: 'timing', group: 'desk', icon: 'timer', permission: 'desk.edit' },
  { id: 'escalations', group: 'desk', icon: 'arrow-up-right', permission: 'desk.edit' },
  { id: 'hours', group: 'desk', icon: 'calendar-clock', permission: 'desk.edit' },
  { id: 'teams', group: 'people', icon: 'users', permission: 'desk.edit' },
  { id: 'agents', group: 'people', icon: 'id-card', permission: 'agent.manage' },
  { id: 'routing', group: 'chats', icon: 'split', permission: 'desk.edit' },
  { id: 'end-reasons', group: 'chats', icon: 'list-checks', permission: 'agent.manage' },
  { id: 'tags', group: 'chats', icon: 'tag', permission: 'desk.edit' },
  { id: 'attributes', group: 'chats', icon: 'list-ordered', permission: 'desk.edit' },
  { id: 'api-keys', group: 'integrations', icon: 'key-round', permission: 'agent.manage' },
  { id: 'webhooks', group: 'integrations', icon: 'workflow', permission: 'agent.manage' },
  { id: 'blocked', group: 'safety', icon: 'ban', permission: 'chat.supervise' },
  { id: 'keeping', group: 'safety', icon: 'archive', permission: 'chat.supervise' },
  { id: 'audit', group: 'safety', icon: 'scroll-text', permission: 'desk.edit' }
]

export function settingsFor(can: (permission: Permission) => boolean): SettingsPage[] {
  return SETTINGS_PAGES.filter(page => page.permission === null || can(page.permission))
}
