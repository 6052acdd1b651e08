/** The title of the tab: how many wait for a person, how long the eldest has, and where we are. */
import { clock } from '#shared/time'

export interface TitleParts {
  /** Chats that wait, and own ones with something unread. */
  count: number
  /** Seconds the eldest has waited; null when nobody waits. */
  oldest: number | null
  page: string
  desk: string
}

/** "(3) 4:12 · Queue · Fernhill" */
export function pageTitle({ count, oldest, page, desk }: TitleParts): string {
  const news = [count > 0 ? `(${count})` : '', oldest === null ? '' : clock(oldest)].filter(Boolean).join(' ')
  return [news, page, desk].filter(Boolean).join(' · ')
}
