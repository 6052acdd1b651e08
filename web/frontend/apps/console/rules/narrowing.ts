/** What the queue is narrowed by, as its address has it, and which chats that leaves. */
import type { Search } from '#shared/router'
import type { ChatOut } from '#shared/wire.gen'

export interface QueueFilter {
  team: number | null
  channel: number | null
  tag: number | null
  /** Words; what they match the server alone knows, for it reads every message. */
  q: string
}

export const EVERYTHING: QueueFilter = { team: null, channel: null, tag: null, q: '' }

export const narrowed = ({ team, channel, tag, q }: QueueFilter): boolean =>
  team !== null || channel !== null || tag !== null || q !== ''

export const sameFilter = (a: QueueFilter, b: QueueFilter): boolean =>
  a.team === b.team && a.channel === b.channel && a.tag === b.tag && a.q === b.q

/** Does this chat stand among what the filter leaves? Of its words only `found` can tell, the server's last answer. */
export function fits(chat: ChatOut, filter: QueueFilter, found: ReadonlySet<number> | null): boolean {
  return (
    (filter.team === null || chat.team?.id === filter.team) &&
    (filter.channel === null || chat.channel.id === filter.channel) &&
    (filter.tag === null || chat.tags.some(tag => tag.id === filter.tag)) &&
    (filter.q === '' || found === null || found.has(chat.id))
  )
}

/** The filter an address names. What is not a number names nothing. */
export function filterOf(search: Search): QueueFilter {
  return { team: idOf(search['team']), channel: idOf(search['channel']), tag: idOf(search['tag']), q: search['q']?.trim() ?? '' }
}

/** The part of an address that names this filter. */
export function searchOf({ team, channel, tag, q }: QueueFilter): Search {
  return { team: team?.toString(), channel: channel?.toString(), tag: tag?.toString(), q: q || undefined }
}

function idOf(text: string | undefined): number | null {
  const id = Number(text)
  return Number.isSafeInteger(id) && id > 0 ? id : null
}
