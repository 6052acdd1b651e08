/** What the pages of services and articles ask of the server, and their forms as values. */
import type { Api } from '#shared/api'
import type {
  ArticleBody, ArticleChange, ArticleContent, ArticleList, ArticleOut, ArticleVersionList, BotTrialOut, ImportReport, KnowledgeImport,
  ServiceBody, ServiceChange, ServiceContent, ServiceList, ServiceOut, ServiceVersionList
} from '#shared/wire.gen'
import type { Problems } from '../data/form.svelte'
import { t } from './words'

export const MOST_PHRASINGS = 200
export const PHRASING_LENGTH = 300
export const MOST_QUICK_REPLIES = 4
export const QUICK_REPLY_LENGTH = 40

export type Noun = 'services' | 'articles'
export type State = ServiceOut['state']
export const STATES = ['all', 'published', 'draft', 'disabled', 'archived'] as const
export type Narrowed = (typeof STATES)[number]
export const TONES = { draft: 'warn', published: 'ok', disabled: 'neutral', archived: 'line' } as const

interface Query {
  q: string
  state: State | null
}

export type Knowledge = ReturnType<typeof knowledgeOf>

export const knowledgeOf = (api: Api) => ({
  services: ({ q, state }: Query) => api.get<ServiceList>('/services', { q, state }),
  service: (id: number) => api.get<ServiceOut>(`/services/${id}`),
  addService: (body: ServiceBody) => api.post<ServiceOut>('/services', body),
  changeService: (id: number, body: ServiceChange) => api.put<ServiceOut>(`/services/${id}`, body),
  serviceVersions: (id: number) => api.get<ServiceVersionList>(`/services/${id}/versions`),

  articles: ({ q, state }: Query) => api.get<ArticleList>('/articles', { q, state }),
  article: (id: number) => api.get<ArticleOut>(`/articles/${id}`),
  addArticle: (body: ArticleBody) => api.post<ArticleOut>('/articles', body),
  changeArticle: (id: number, body: ArticleChange) => api.put<ArticleOut>(`/articles/${id}`, body),
  discardDraft: (id: number, version: number) => api.post<ArticleOut>(`/articles/${id}/discard`, { version }),
  disable: (id: number, version: number) => api.post<ArticleOut>(`/articles/${id}/disable`, { version }),
  articleVersions: (id: number) => api.get<ArticleVersionList>(`/articles/${id}/versions`),

  archive: (noun: Noun, id: number) => api.post<unknown>(`/${noun}/${id}/archive`),
  restore: (noun: Noun, id: number) => api.post<unknown>(`/${noun}/${id}/restore`),
  take: (noun: Noun, body: KnowledgeImport) => api.post<ImportReport>(`/${noun}/import`, body),

  ask: (question: string) => api.post<BotTrialOut>('/bot/trials', { question }),
  answer: (id: number) => api.get<BotTrialOut>(`/bot/trials/${id}`)
})

/** Followed by the browser itself, which brings the cookie. */
export const exportOf = (noun: Noun, format: 'json' | 'csv'): string => `/api/${noun}/export?format=${format}`

/** A box with one entry a line, as the list it stands for; and back. */
export const linesOf = (text: string): string[] => text.split('\n').map(line => line.trim()).filter(line => line !== '')
const boxOf = (lines: readonly string[]): string => lines.join('\n')

export interface ServiceValues extends Omit<ServiceContent, 'phrasings' | 'quick_replies'> {
  phrasings: string
  quick_replies: string
}

export const blankService: ServiceValues = {
  name: '', description: '', answer: '', phrasings: '', quick_replies: '', team_id: null, handover: 'never', enabled: true
}

export const serviceValues = (content: ServiceContent): ServiceValues => ({
  ...content, phrasings: boxOf(content.phrasings), quick_replies: boxOf(content.quick_replies)
})

export const serviceBody = (values: ServiceValues): ServiceContent => ({
  ...values, phrasings: linesOf(values.phrasings), quick_replies: linesOf(values.quick_replies)
})

export interface ArticleValues {
  title: string
  body: string
  phrasings: string
}

export const blankArticle: ArticleValues = { title: '', body: '', phrasings: '' }

export const articleValues = ({ title, body, phrasings }: ArticleContent): ArticleValues => ({ title, body, phrasings: boxOf(phrasings) })

export const articleBody = ({ title, body, phrasings }: ArticleValues): ArticleContent => ({ title, body, phrasings: linesOf(phrasings) })

/** What an editor of an article has before them: the draft, where there is one. */
export const shownOf = (article: ArticleOut): ArticleValues => articleValues(article.draft ?? article.content)

export function checkService(values: ServiceValues): Problems<ServiceValues> {
  const found: Problems<ServiceValues> = {}
  if (values.name.trim() === '') found.name = t('name_missing')
  if (values.answer.trim() === '' && values.handover !== 'instead') found.answer = t('answer_missing')
  if (values.handover !== 'never' && values.team_id === null) found.team_id = t('team_missing')
  const phrasings = phrasingFault(values.phrasings)
  if (phrasings) found.phrasings = phrasings
  const replies = linesOf(values.quick_replies)
  const long = replies.findIndex(line => line.length > QUICK_REPLY_LENGTH)
  if (long >= 0) found.quick_replies = t('quick_reply_long', { line: long + 1, most: QUICK_REPLY_LENGTH })
  if (replies.length > MOST_QUICK_REPLIES) found.quick_replies = t('quick_replies_many', { most: MOST_QUICK_REPLIES })
  return found
}

export function checkArticle(values: ArticleValues): Problems<ArticleValues> {
  const found: Problems<ArticleValues> = {}
  if (values.title.trim() === '') found.title = t('title_missing')
  if (values.body.trim() === '') found.body = t('body_missing')
  const phrasings = phrasingFault(values.phrasings)
  if (phrasings) found.phrasings = phrasings
  return found
}

function phrasingFault(text: string): string | null {
  const lines = linesOf(text)
  if (lines.length > MOST_PHRASINGS) return t('phrasings_many', { most: MOST_PHRASINGS })
  const long = lines.findIndex(line => line.length > PHRASING_LENGTH)
  return long < 0 ? null : t('phrasing_long', { line: long + 1, most: PHRASING_LENGTH })
}
