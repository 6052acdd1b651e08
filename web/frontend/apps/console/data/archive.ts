/** What the history asks of the server, by name. It comes with its page, not with the desk. */
import type { Api } from '#shared/api'
import type {
  CustomerExportBody, ExportBody, ExportList, ExportOut, HistoryChoices, HistoryPage, SearchPage, SuggestList, Timeline, ViewBody, ViewList, ViewOut, ViewPatch
} from '#shared/wire.gen'
import { queryOf, type HistoryFilter } from '../rules/history_filter'
import type { HistoryAnswer } from './history.svelte'

/** Where a page of a timeline lies: at most one of these, each the id of a message. */
export interface TimelinePlace {
  around?: number
  before?: number
  after?: number
  limit?: number
}

export type Archive = ReturnType<typeof createArchive>

export const createArchive = (api: Api) => ({
  /** A page of the history; with words, of a search in it. */
  history: async (filter: HistoryFilter, after: string | null, signal: AbortSignal): Promise<HistoryAnswer> => {
    const narrowed = { ...queryOf(filter), after }
    if (filter.q.trim() === '') {
      const { items, total, capped, next } = await api.get<HistoryPage>('/history', { ...narrowed, sort: filter.sort }, { signal })
      const rows = items.map(chat => ({ chat, hits: [] }))
      return { rows, people: [], problems: [], corrected: [], total, capped, next, searchedTo: null }
    }
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const found = await api.get<SearchPage>('/search', { ...narrowed, q: filter.q, zone }, { signal })
    const { items, people, problems, corrected, next, searched_to } = found
    return { rows: items, people, problems, corrected, total: null, capped: false, next, searchedTo: searched_to }
  },
  suggestions: (q: string, at: number, signal: AbortSignal) => api.get<SuggestList>('/search/suggest', { q, at }, { signal }),
  historyChoices: () => api.get<HistoryChoices>('/history/choices'),
  views: () => api.get<ViewList>('/views'),
  keepView: (body: ViewBody) => api.post<ViewOut>('/views', body),
  changeView: (id: number, body: ViewPatch) => api.patch<ViewOut>(`/views/${id}`, body),
  removeView: (id: number) => api.delete<ViewList>(`/views/${id}`),
  exports: () => api.get<ExportList>('/exports'),
  export: (body: ExportBody) => api.post<ExportOut>('/exports', body),
  exportCustomer: (id: number, body: CustomerExportBody) => api.post<ExportOut>(`/customers/${id}/export`, body),
  exported: (id: number) => api.get<ExportOut>(`/exports/${id}`),
  cancelExport: (id: number) => api.post<ExportOut>(`/exports/${id}/cancel`),
  /** `around` a message, `before` or `after` one; none of them: the newest entries. */
  timeline: (of: 'session' | 'customer', id: number, where: TimelinePlace) =>
    api.get<Timeline>(`/${of === 'session' ? 'sessions' : 'customers'}/${id}/timeline`, { ...where })
})
