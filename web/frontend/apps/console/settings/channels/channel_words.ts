/** How a channel is, in a pill; what became of what it could not hand over. */
import type { ChannelAdmin, LostOut, TemplateOut } from '#shared/wire.gen'
import { t } from '../words'

/** The kind of the chat on the website: it is always there, and how it looks is set with the desk. */
export const WEBSITE = 'web'

const TONES = { new: 'line', working: 'ok', resting: 'warn', paused: 'warn', broken: 'bad' } as const

export const stateOf = ({ state, checking }: Pick<ChannelAdmin, 'state' | 'checking'>) =>
  checking ? { tone: 'line', label: t('channels.checking') } as const : { tone: TONES[state], label: t(`channels.is_${state}`) } as const

export const lostAs = ({ state }: Pick<LostOut, 'state'>) =>
  ({ tone: state === 'unknown' ? 'warn' : 'bad', label: t(`channels.lost_${state}`) }) as const

const JUDGED = { approved: 'ok', pending: 'line', rejected: 'bad', paused: 'warn', disabled: 'neutral' } as const

/** What a provider thinks of a template. */
export const judgedAs = ({ state }: Pick<TemplateOut, 'state'>) => ({ tone: JUDGED[state], label: t(`channels.template_${state}`) }) as const
