/** How each kind of channel is marked. */
import type { IconName } from '#icons'
import type { ChannelOut } from '#shared/wire.gen'

export const CHANNEL_ICONS: Record<ChannelOut['kind'], IconName> = { web: 'globe' }
