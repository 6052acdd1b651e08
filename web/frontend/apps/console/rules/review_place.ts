/** What the review of failed responses shows, as its address has it. */
import type { Search } from '#shared/router'
import type { ClusterOut } from '#shared/wire.gen'

export type ReviewView = 'groups' | 'questions' | 'proposals' | 'figures'
export type ClusterStatus = Exclude<ClusterOut['status'], 'merged'>
export type ClusterSort = 'impact' | 'newest' | 'failures' | 'people' | 'trend'

export interface ReviewPlace {
  view: ReviewView
  status: ClusterStatus
  sort: ClusterSort
  q: string
  /** Of single questions: noise alone, or everything else. */
  noise: boolean
}

export const VIEWS: readonly ReviewView[] = ['groups', 'questions', 'proposals', 'figures']
export const STATUSES: readonly ClusterStatus[] = ['open', 'snoozed', 'resolved', 'dismissed']
export const SORTS: readonly ClusterSort[] = ['impact', 'newest', 'failures', 'people', 'trend']

/** What makes no sense in an address is left out. */
export function reviewOf(search: Search, single: boolean): ReviewPlace {
  const among = <T extends string>(name: string, known: readonly T[], usual: T): T => known.find(each => each === search[name]) ?? usual
  return {
    view: among('view', VIEWS, single ? 'questions' : 'groups'),
    status: among('status', STATUSES, 'open'),
    sort: among('sort', SORTS, 'impact'),
    q: search['q'] ?? '',
    noise: search['noise'] === 'true'
  }
}

export const reviewSearch = ({ view, status, sort, q, noise }: ReviewPlace): Search => ({
  view: view === 'groups' ? undefined : view,
  status: status === 'open' ? undefined : status,
  sort: sort === 'impact' ? undefined : sort,
  q: q || undefined,
  noise: noise ? 'true' : undefined
})
