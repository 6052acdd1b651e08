/** What the console asks of the server over HTTPS, by name. */
import type { Api } from '#shared/api'
import type {
  AgentOut, AlarmList, AssignBody, AssignmentList, AttachmentOut, AttributeList, BlockBody, BulkReport, CannedList, ChatDetail,
  CancelBody, ChatOut, ChatPage, CustomerOut, CustomerPatch, DeliveryOut, DeskIn, DeskOut, Done, EmailBody, EndBody, EndReasonList,
  EraseBody, ErasureOut, FailurePlace,
  EscalateBody, EscalatePreview, EscalationList, EscalationReport, EscalationTargets, ExtendBody, FollowUpBody, FollowUpOut,
  MailCalls, MeOut, MentionPage, MessageAck, MessagePage, MoveBody, OverviewOut, PresenceIn, PromiseOut, PromisePage,
  PromisePatch, PromiseSettle, RejectBody, TagList, TagsBulk, TargetBody, TemplateList, TemplateSend, TicketOut, VersionList
} from '#shared/wire.gen'
import type { ListName } from '../rules/lists'
import type { QueueFilter } from '../rules/narrowing'

export type Server = ReturnType<typeof createServer>

export const createServer = (api: Api) => ({
  /** For pages that come later and bring their own names of what to ask. */
  api,
  signIn: (email: string, password: string) => api.post<MeOut>('/session', { email, password }),
  me: () => api.get<MeOut>('/session'),
  signOut: () => api.delete('/session'),
  ticket: () => api.post<TicketOut>('/ticket'),

  overview: () => api.get<OverviewOut>('/overview'),
  setPresence: (body: PresenceIn) => api.put<AgentOut>('/me/presence', body),
  mailCalls: () => api.get<MailCalls>('/me/mail'),
  setMailCalls: (on: boolean) => api.put<MailCalls>('/me/mail', { on }),
  setDesk: (body: DeskIn) => api.patch<DeskOut>('/desk', body),

  list: (list: ListName, { team, channel, tag, q }: QueueFilter, after: string | null) =>
    api.get<ChatPage>('/chats', { list, team_id: team, channel_id: channel, tag_id: tag, q, after }),
  chat: (id: number) => api.get<ChatDetail>(`/chats/${id}`),
  messagesBefore: (id: number, before: number) => api.get<MessagePage>(`/chats/${id}/messages`, { before }),

  start: (id: number) => api.post<ChatOut>(`/chats/${id}/start`),
  takeover: (id: number) => api.post<ChatOut>(`/chats/${id}/takeover`),
  assign: (id: number, body: AssignBody) => api.post<ChatOut>(`/chats/${id}/assign`, body),
  giveBack: (id: number, reason: string) => api.post<ChatOut>(`/chats/${id}/return`, { reason }),
  end: (id: number, body: EndBody) => api.post<ChatOut>(`/chats/${id}/end`, body),
  giveReason: (id: number, body: EndBody) => api.post<ChatOut>(`/chats/${id}/reason`, body),
  move: (id: number, body: MoveBody) => api.post<ChatOut>(`/chats/${id}/move`, body),
  escalate: (id: number, body: EscalateBody) => api.post<ChatOut>(`/chats/${id}/escalate`, body),
  escalationTargets: (id: number) => api.get<EscalationTargets>(`/chats/${id}/escalation-targets`),
  previewEscalation: (id: number, body: TargetBody, signal: AbortSignal) => api.post<EscalatePreview>(`/chats/${id}/escalate/preview`, body, { signal }),
  escalations: (id: number) => api.get<EscalationList>(`/chats/${id}/escalations`),
  /** Every offer that is pending: for those who watch over all of them. */
  allEscalations: () => api.get<ChatPage>('/chats', { list: 'all_escalations' }),
  escalationReport: (query: { since: string; until: string | null; team_id: number | null }) => api.get<EscalationReport>('/escalations/report', query),
  accept: (id: number) => api.post<ChatOut>(`/chats/${id}/accept`),
  reject: (id: number, body: RejectBody) => api.post<ChatOut>(`/chats/${id}/reject`, body),
  cancelEscalation: (id: number, body: CancelBody) => api.post<ChatOut>(`/chats/${id}/cancel`, body),
  assignments: (id: number) => api.get<AssignmentList>(`/chats/${id}/assignments`),
  editMessage: (id: number, messageId: number, body: string) => api.patch<MessageAck>(`/chats/${id}/messages/${messageId}`, { body }),
  deleteMessage: (id: number, messageId: number) => api.delete<MessageAck>(`/chats/${id}/messages/${messageId}`),
  versions: (id: number, messageId: number) => api.get<VersionList>(`/chats/${id}/messages/${messageId}/versions`),
  attachment: (id: number, attachmentId: number) => api.get<AttachmentOut>(`/chats/${id}/attachments/${attachmentId}`),
  discardUpload: (id: number) => api.delete(`/uploads/${id}`),
  alarms: () => api.get<AlarmList>('/alarms'),
  lostSeen: (channelId: number) => api.post<AlarmList>(`/channels/${channelId}/lost/seen`),
  endReasons: () => api.get<EndReasonList>('/end-reasons'),
  setTags: (id: number, tagIds: number[]) => api.put<ChatOut>(`/chats/${id}/tags`, { tag_ids: tagIds }),
  tagMany: (body: TagsBulk) => api.post<BulkReport>('/tags/bulk', body),
  mailTranscript: (id: number, body: EmailBody) => api.post<Done>(`/chats/${id}/transcript`, body),
  followUp: (id: number, body: FollowUpBody) => api.post<FollowUpOut>(`/chats/${id}/follow-up`, body),

  templates: (channelId: number) => api.get<TemplateList>(`/channels/${channelId}/templates`),
  readTemplates: (channelId: number) => api.post<TemplateList>(`/channels/${channelId}/templates/read`),
  sendTemplate: (id: number, client_id: string, template: TemplateSend) =>
    api.post<MessageAck>(`/chats/${id}/messages`, { client_id, body: '', template }),
  sendAgain: (deliveryId: number) => api.post<DeliveryOut>(`/deliveries/${deliveryId}/retry`),

  customer: (id: number) => api.get<CustomerOut>(`/customers/${id}`),
  correct: (id: number, body: CustomerPatch) => api.patch<CustomerOut>(`/customers/${id}`, body),
  addCustomerNote: (id: number, body: string) => api.post<CustomerOut>(`/customers/${id}/notes`, { body }),
  removeCustomerNote: (id: number, noteId: number) => api.delete<CustomerOut>(`/customers/${id}/notes/${noteId}`),
  failureOf: (messageId: number) => api.get<FailurePlace>(`/failures/of-message/${messageId}`),
  erase: (id: number, body: EraseBody) => api.post<ErasureOut>(`/customers/${id}/erase`, body),
  block: (id: number, body: BlockBody) => api.post<CustomerOut>(`/customers/${id}/block`, body),
  askToConfirm: (chatId: number, body: EmailBody) => api.post<CustomerOut>(`/chats/${chatId}/confirmation`, body),
  separate: (joinId: number) => api.delete<CustomerOut>(`/joins/${joinId}`),
  unblock: (id: number) => api.delete<CustomerOut>(`/customers/${id}/block`),
  attributes: () => api.get<AttributeList>('/attributes'),

  promises: (query: { scope: 'mine' | 'all'; state: 'open' | 'settled' }, after: string | null) =>
    api.get<PromisePage>('/promises', { ...query, after }),
  movePromise: (id: number, body: PromisePatch) => api.patch<PromiseOut>(`/promises/${id}`, body),
  extendPromise: (id: number, body: ExtendBody) => api.post<PromiseOut>(`/promises/${id}/extend`, body),
  previewExtension: (id: number, body: ExtendBody, signal: AbortSignal) => api.post<EscalatePreview>(`/promises/${id}/extend/preview`, body, { signal }),
  settlePromise: (id: number, body: PromiseSettle) => api.post<PromiseOut>(`/promises/${id}/settle`, body),
  mentions: (before: number | null) => api.get<MentionPage>('/mentions', { before }),
  /** None named: all of them. */
  seeMentions: (ids: number[]) => api.post('/mentions/seen', { ids }),

  canned: () => api.get<CannedList>('/canned'),
  tags: () => api.get<TagList>('/tags')
})
