/** What the review of failed responses asks of the server, by name. It comes with its page. */
import type { Api, Query } from '#shared/api'
import type {
  AddToArticle, AddToService, ArticleList, AssignCluster, ClusterDetail, ClusterPage, DismissCluster, DismissFailure, ExampleCheck, ExampleCheckBody,
  FailureChoices, FailureDetail, FailureFigures, FailureMap, FailurePage, MergeClusters, MoveFailures, PlaceFailure, ProposalBody, ProposalList,
  RenameCluster, ReplayBody, ReplayOut, ReplayTurnPage, ResolveCluster, ResolveFailure, ServiceList, SnoozeCluster, SplitCluster
} from '#shared/wire.gen'

/** What a decision is about: a whole cluster, or one failure that is in none. */
export type Subject = { of: 'clusters' | 'failures'; id: number }

export type Review = ReturnType<typeof createReview>

export const createReview = (api: Api) => ({
  clusters: (query: Query) => api.get<ClusterPage>('/clusters', query),
  cluster: (id: number) => api.get<ClusterDetail>(`/clusters/${id}`),
  failures: (query: Query) => api.get<FailurePage>('/failures', query),
  failure: (id: number) => api.get<FailureDetail>(`/failures/${id}`),
  map: (query: Query) => api.get<FailureMap>('/failures/map', query),
  choices: () => api.get<FailureChoices>('/failures/choices'),
  proposals: () => api.get<ProposalList>('/clusters/proposals'),
  decide: (proposal: number, body: ProposalBody) => api.post<ClusterDetail>(`/clusters/proposals/${proposal}`, body),

  rename: (id: number, body: RenameCluster) => api.post<ClusterDetail>(`/clusters/${id}/rename`, body),
  assign: (id: number, body: AssignCluster) => api.post<ClusterDetail>(`/clusters/${id}/assign`, body),
  snooze: (id: number, body: SnoozeCluster) => api.post<ClusterDetail>(`/clusters/${id}/snooze`, body),
  wake: (id: number, version: number) => api.post<ClusterDetail>(`/clusters/${id}/wake`, { version }),
  split: (id: number, body: SplitCluster) => api.post<ClusterDetail>(`/clusters/${id}/split`, body),
  merge: (id: number, body: MergeClusters) => api.post<ClusterDetail>(`/clusters/${id}/merge`, body),
  move: (id: number, body: MoveFailures) => api.post<ClusterDetail>(`/clusters/${id}/move`, body),
  undo: (id: number, version: number) => api.post<ClusterDetail>(`/clusters/${id}/undo`, { version }),
  reopenCluster: (id: number, version: number) => api.post<ClusterDetail>(`/clusters/${id}/reopen`, { version }),
  dismissCluster: (id: number, body: DismissCluster) => api.post<ClusterDetail>(`/clusters/${id}/dismiss`, body),
  resolveCluster: (id: number, body: ResolveCluster) => api.post<ClusterDetail>(`/clusters/${id}/resolve`, body),

  dismissFailure: (id: number, body: DismissFailure) => api.post<FailureDetail>(`/failures/${id}/dismiss`, body),
  resolveFailure: (id: number, body: ResolveFailure) => api.post<FailureDetail>(`/failures/${id}/resolve`, body),
  reopenFailure: (id: number) => api.post<FailureDetail>(`/failures/${id}/reopen`),
  place: (id: number, body: PlaceFailure) => api.post<FailureDetail>(`/failures/${id}/place`, body),

  /** The article or service is there when this answers, and the subject's questions are part of it. */
  toArticle: ({ of, id }: Subject, body: AddToArticle) => api.post<unknown>(`/${of}/${id}/article`, body),
  toService: ({ of, id }: Subject, body: AddToService) => api.post<unknown>(`/${of}/${id}/service`, body),
  /** What there is already, to choose from. */
  articles: async () => (await api.get<ArticleList>('/articles')).items.map(({ id, title }) => ({ id, title })),
  services: async () => (await api.get<ServiceList>('/services')).items.map(({ id, name: title }) => ({ id, title })),
  checkExamples: (body: ExampleCheckBody) => api.post<ExampleCheck>('/failures/examples/check', body),
  replay: ({ of, id }: Subject, body: ReplayBody) => api.post<ReplayOut>(`/${of}/${id}/replay`, body),
  replayOf: (id: number) => api.get<ReplayOut>(`/replays/${id}`),
  turns: (id: number, query: Query) => api.get<ReplayTurnPage>(`/replays/${id}/turns`, query),
  cancelReplay: (id: number) => api.post<ReplayOut>(`/replays/${id}/cancel`),

  figures: (query: Query) => api.get<FailureFigures>('/failures/figures', query)
})
