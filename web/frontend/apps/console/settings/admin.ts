/** What the settings ask of the server, by name. Every change answers late enough to be read back at once. */
import type { Api } from '#shared/api'
import type {
  AgentAdminList, AgentAdminOut, AgentBody, AgentMade, AgentPatch, ApiKeyBody, ApiKeyList, ApiKeyMade, AttributeBody, AttributeList, AttributePatch,
  AuditPage, BlockList, CannedBody, CannedImport, CannedList, ChannelAdmin, ChannelBody, ChannelKindList, ChannelList,
  ChannelPatch, DeliveryOut, DeskIn, DeskSettings, EndReasonBody, EndReasonList,
  EndReasonPatch, ErasureList, ImportReport, LostList, ModelBody, ModelsOut, RetentionBody, RetentionList, RetentionPatch, RoutingIn, RoutingOut, RoutingTried, RoutingTry, TagBody, TagList, TagPatch,
  TeamAdminList, TeamBody, TeamPatch, WebhookBody, WebhookDeliveryOut, WebhookList, WebhookLog, WebhookMade, WebhookOut, WebhookPatch, WebhookReplayed, WebsitePatch
} from '#shared/wire.gen'

export interface AuditFilter {
  target: string | null
  agentId: number | null
}

export type Admin = ReturnType<typeof createAdmin>

export const createAdmin = (api: Api) => ({
  settings: () => api.get<DeskSettings>('/desk/settings'),
  changeDesk: (body: DeskIn) => api.patch<DeskSettings>('/desk', body),

  models: () => api.get<ModelsOut>('/bot/models'),
  changeModel: (body: ModelBody) => api.post<ModelsOut>('/bot/models/changes', body),
  cancelModel: (id: number) => api.post<ModelsOut>(`/bot/models/changes/${id}/cancel`),

  teams: () => api.get<TeamAdminList>('/teams'),
  addTeam: (body: TeamBody) => api.post<unknown>('/teams', body),
  changeTeam: (id: number, body: TeamPatch) => api.patch<unknown>(`/teams/${id}`, body),
  archiveTeam: (id: number) => api.post<unknown>(`/teams/${id}/archive`),

  agents: () => api.get<AgentAdminList>('/agents'),
  addAgent: (body: AgentBody) => api.post<AgentMade>('/agents', body),
  changeAgent: (id: number, body: AgentPatch) => api.patch<AgentAdminOut>(`/agents/${id}`, body),
  newPassword: (id: number) => api.post<AgentMade>(`/agents/${id}/password`),

  channels: () => api.get<ChannelList>('/channels'),
  channelKinds: () => api.get<ChannelKindList>('/channels/kinds'),
  addChannel: (body: ChannelBody) => api.post<ChannelAdmin>('/channels', body),
  changeChannel: (id: number, body: ChannelPatch) => api.patch<ChannelAdmin>(`/channels/${id}`, body),
  changeWebsite: (id: number, body: WebsitePatch) => api.patch<ChannelAdmin>(`/channels/${id}/website`, body),
  testChannel: (id: number) => api.post<ChannelAdmin>(`/channels/${id}/test`),
  pauseChannel: (id: number) => api.post<ChannelAdmin>(`/channels/${id}/pause`),
  resumeChannel: (id: number) => api.post<ChannelAdmin>(`/channels/${id}/resume`),
  removeChannel: (id: number) => api.delete<unknown>(`/channels/${id}`),
  lostByChannel: (id: number) => api.get<LostList>(`/channels/${id}/lost`),
  sendAgain: (id: number) => api.post<DeliveryOut>(`/deliveries/${id}/retry`),
  readAgain: (id: number) => api.post<unknown>(`/inbound/${id}/retry`),

  routing: () => api.get<RoutingOut>('/routing'),
  saveRouting: (body: RoutingIn) => api.put<RoutingOut>('/routing', body),
  tryRouting: (body: RoutingTry) => api.post<RoutingTried>('/routing/try', body),

  endReasons: () => api.get<EndReasonList>('/end-reasons'),
  addEndReason: (body: EndReasonBody) => api.post<unknown>('/end-reasons', body),
  changeEndReason: (code: string, body: EndReasonPatch) => api.patch<unknown>(`/end-reasons/${encodeURIComponent(code)}`, body),

  tags: () => api.get<TagList>('/tags'),
  addTag: (body: TagBody) => api.post<unknown>('/tags', body),
  changeTag: (id: number, body: TagPatch) => api.patch<unknown>(`/tags/${id}`, body),
  removeTag: (id: number) => api.delete<unknown>(`/tags/${id}`),
  mergeTag: (id: number, intoId: number) => api.post<unknown>(`/tags/${id}/merge`, { into_id: intoId }),

  attributes: () => api.get<AttributeList>('/attributes'),
  addAttribute: (body: AttributeBody) => api.post<unknown>('/attributes', body),
  changeAttribute: (id: number, body: AttributePatch) => api.patch<unknown>(`/attributes/${id}`, body),

  canned: () => api.get<CannedList>('/canned'),
  addCanned: (body: CannedBody) => api.post<unknown>('/canned', body),
  changeCanned: (id: number, body: CannedBody) => api.put<unknown>(`/canned/${id}`, body),
  removeCanned: (id: number) => api.delete<unknown>(`/canned/${id}`),
  importCanned: (body: CannedImport) => api.post<ImportReport>('/canned/import', body),

  blocks: () => api.get<BlockList>('/blocks'),
  lift: (id: number) => api.delete<unknown>(`/blocks/${id}`),

  retention: () => api.get<RetentionList>('/retention'),
  addRetention: (body: RetentionBody) => api.post<RetentionList>('/retention', body),
  changeRetention: (id: number, body: RetentionPatch) => api.patch<RetentionList>(`/retention/${id}`, body),
  removeRetention: (id: number) => api.delete<RetentionList>(`/retention/${id}`),
  tryRetention: (id: number) => api.post<RetentionList>(`/retention/${id}/try`),
  erasures: () => api.get<ErasureList>('/erasures'),

  apiKeys: () => api.get<ApiKeyList>('/api-keys'),
  addApiKey: (body: ApiKeyBody) => api.post<ApiKeyMade>('/api-keys', body),
  revokeApiKey: (id: number) => api.delete<ApiKeyList>(`/api-keys/${id}`),

  webhooks: () => api.get<WebhookList>('/webhooks'),
  addWebhook: (body: WebhookBody) => api.post<WebhookMade>('/webhooks', body),
  changeWebhook: (id: number, body: WebhookPatch) => api.patch<WebhookOut>(`/webhooks/${id}`, body),
  removeWebhook: (id: number) => api.delete<WebhookList>(`/webhooks/${id}`),
  newWebhookSecret: (id: number) => api.post<WebhookMade>(`/webhooks/${id}/secret`),
  testWebhook: (id: number) => api.post<WebhookDeliveryOut>(`/webhooks/${id}/test`),
  webhookLog: (id: number, asked: { state: string | null; before: number | null }) => api.get<WebhookLog>(`/webhooks/${id}/deliveries`, asked),
  replayWebhook: (id: number, delivery: number) => api.post<unknown>(`/webhooks/${id}/deliveries/${delivery}/replay`),
  replayFailedWebhooks: (id: number, since: string) => api.post<WebhookReplayed>(`/webhooks/${id}/replay`, { since }),

  audit: ({ target, agentId }: AuditFilter, before: number | null) =>
    api.get<AuditPage>('/audit', { target, agent_id: agentId, before })
})

/** Followed by the browser itself, which brings the cookie. */
export const cannedExport = (format: 'json' | 'csv'): string => `/api/canned/export?format=${format}`
