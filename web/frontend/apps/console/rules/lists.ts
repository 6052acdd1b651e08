/** Which chats stand in which list of the inbox, and in what order. */
import type { AgentOut, ChatOut } from '#shared/wire.gen'
import { byDue, takeable } from './escalating'

export type ListName = 'queue' | 'mine' | 'escalations' | 'bot'

export interface Reader {
  agent: Pick<AgentOut, 'id' | 'team_ids'>
  readsAll: boolean
  supervises: boolean
}

export function belongs(list: ListName, chat: ChatOut, reader: Reader): boolean {
  switch (list) {
    case 'queue':
      return chat.state === 'queued' && (reader.readsAll || chat.team === null || reader.agent.team_ids.includes(chat.team.id))
    case 'mine':
      return (chat.state === 'active' || chat.state === 'escalated') && chat.owner?.id === reader.agent.id
    case 'escalations':
      return takeable(chat, { ...reader.agent, supervises: reader.supervises })
    case 'bot':
      return chat.state === 'bot'
  }
}

/** Moment of the last thing said, or of the last change where nothing was. */
export const lastActivity = (chat: ChatOut): string => chat.last_message?.at ?? chat.entered_state_at

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The queue as the desk serves it: urgent first, then whoever has waited longest. */
export const byWait = (a: ChatOut, b: ChatOut): number =>
  b.priority - a.priority || text(waitingSince(a), waitingSince(b)) || a.id - b.id

/** Own chats and the assistant's: the newest words on top. */
export const byActivity = (a: ChatOut, b: ChatOut): number => text(lastActivity(b), lastActivity(a)) || b.id - a.id

export const waitingSince = (chat: ChatOut): string => chat.queued_at ?? chat.entered_state_at

const ORDERS: Record<ListName, (a: ChatOut, b: ChatOut) => number> = { queue: byWait, mine: byActivity, escalations: byDue, bot: byActivity }

export function inOrder(list: ListName, chats: Iterable<ChatOut>, reader: Reader): ChatOut[] {
  return [...chats].filter(chat => belongs(list, chat, reader)).sort(ORDERS[list])
}

export interface Settled {
  /** Ids in the order to draw. */
  shown: number[]
  /** How many are kept back because the pointer rests on the list. */
  heldBack: number
}

/**
 * A list must not move under the pointer: while held, rows keep their places,
 * those that left go, and newcomers wait to be asked for.
 */
export function settle(shown: readonly number[], wanted: readonly number[], held: boolean): Settled {
  if (!held || shown.length === 0) return { shown: [...wanted], heldBack: 0 }
  const staying = new Set(wanted)
  const kept = shown.filter(id => staying.has(id))
  return { shown: kept, heldBack: wanted.length - kept.length }
}
