/** What the console asks of the server over HTTPS, by name. */
import type { Api } from '#shared/api'
import type {
  AgentOut, AssignBody, CannedList, ChatDetail, ChatOut, ChatPage, DeskIn, DeskOut, EndBody, MeOut, MessagePage,
  OverviewOut, PresenceIn, TagList, TicketOut
} from '#shared/wire.gen'
import type { EndReason } from '../rules/ending'
import type { ListName } from '../rules/lists'

export interface HistoryFilter {
  scope: 'all' | 'mine'
  q: string
  reason: EndReason | null
  agentId: number | null
  teamId: number | null
}

export type Server = ReturnType<typeof createServer>

export const createServer = (api: Api) => ({
  signIn: (email: string, password: string) => api.post<MeOut>('/session', { email, password }),
  me: () => api.get<MeOut>('/session'),
  signOut: () => api.delete('/session'),
  ticket: () => api.post<TicketOut>('/ticket'),

  overview: () => api.get<OverviewOut>('/overview'),
  setPresence: (body: PresenceIn) => api.put<AgentOut>('/me/presence', body),
  setDesk: (body: DeskIn) => api.patch<DeskOut>('/desk', body),

  list: (list: ListName, teamId: number | null, after: string | null) =>
    api.get<ChatPage>('/chats', { list, team_id: teamId, after }),
  chat: (id: number) => api.get<ChatDetail>(`/chats/${id}`),
  messagesBefore: (id: number, before: number) => api.get<MessagePage>(`/chats/${id}/messages`, { before }),
  history: ({ scope, q, reason, agentId, teamId }: HistoryFilter, after: string | null, signal: AbortSignal) =>
    api.get<ChatPage>('/history', { scope, q, reason, agent_id: agentId, team_id: teamId, after }, { signal }),

  start: (id: number) => api.post<ChatOut>(`/chats/${id}/start`),
  takeover: (id: number) => api.post<ChatOut>(`/chats/${id}/takeover`),
  assign: (id: number, body: AssignBody) => api.post<ChatOut>(`/chats/${id}/assign`, body),
  giveBack: (id: number, reason: string) => api.post<ChatOut>(`/chats/${id}/return`, { reason }),
  end: (id: number, body: EndBody) => api.post<ChatOut>(`/chats/${id}/end`, body),
  setTags: (id: number, tagIds: number[]) => api.put<ChatOut>(`/chats/${id}/tags`, { tag_ids: tagIds }),

  canned: () => api.get<CannedList>('/canned'),
  tags: () => api.get<TagList>('/tags')
})
