/** What the broadcasts ask of the server, by name. It comes with their page, not with the desk. */
import type { Api } from '#shared/api'
import type {
  AudienceAsked, AudienceOut, BroadcastBody, BroadcastDetail, BroadcastPage, BroadcastPatch, BroadcastStart, Done, ListRead, RecipientOut,
  RecipientPage, ScheduleBody
} from '#shared/wire.gen'

export type Casting = ReturnType<typeof createCasting>

export const createCasting = (api: Api) => ({
  page: (before: number | null) => api.get<BroadcastPage>('/broadcasts', { before }),
  one: (id: number) => api.get<BroadcastDetail>(`/broadcasts/${id}`),
  start: (cluster_id: number) => api.get<BroadcastStart>('/broadcasts/start', { cluster_id }),
  draft: (body: BroadcastBody) => api.post<BroadcastDetail>('/broadcasts', body),
  change: (id: number, body: BroadcastPatch) => api.patch<BroadcastDetail>(`/broadcasts/${id}`, body),
  remove: (id: number) => api.delete<Done>(`/broadcasts/${id}`),
  audience: (body: AudienceAsked, signal: AbortSignal) => api.post<AudienceOut>('/broadcasts/audience', body, { signal }),
  list: (text: string) => api.post<ListRead>('/broadcasts/list', { text }),
  tryOut: (id: number, customer_id: number) => api.post<Done>(`/broadcasts/${id}/trial`, { customer_id }),
  schedule: (id: number, body: ScheduleBody) => api.post<BroadcastDetail>(`/broadcasts/${id}/schedule`, body),
  /** Pause, resume, cancel, or try those again that have failed. */
  act: (id: number, what: 'pause' | 'resume' | 'cancel' | 'retry') => api.post<BroadcastDetail>(`/broadcasts/${id}/${what}`),
  recipients: (id: number, state: RecipientOut['state'] | null, after: number | null) =>
    api.get<RecipientPage>(`/broadcasts/${id}/recipients`, { state, after })
})
