/** How each kind of channel is marked. */
import type { IconName } from '#icons'

const ICONS: Readonly<Record<string, IconName>> = { web: 'globe', email: 'mail', telegram: 'message-circle', whatsapp: 'phone', api: 'workflow' }

export const channelIcon = (kind: string): IconName => ICONS[kind] ?? 'message-circle'
