/** Where in the console we are, as state. Lists and chats have addresses, so a reload or a shared link shows the same. */
import { createRouter, type Place, type Search } from '#shared/router'
import { filterOf as historyOf, searchOf as historySearch, UNFILTERED, type HistoryFilter } from './rules/history_filter'
import type { ListName } from './rules/lists'
import { reviewOf, reviewSearch, type ReviewPlace } from './rules/review_place'
import { EVERYTHING, filterOf, searchOf, type QueueFilter } from './rules/narrowing'

const routes = {
  home: '/',
  inbox: '/inbox',
  list: '/inbox/:list',
  chat: '/inbox/:list/:chat',
  history: '/history',
  transcript: '/history/:chat',
  promises: '/promises',
  mentions: '/mentions',
  monitoring: '/monitoring',
  broadcasts: '/broadcasts',
  broadcast: '/broadcasts/:broadcast',
  failures: '/failures',
  cluster: '/failures/groups/:cluster',
  failure: '/failures/questions/:failure',
  services: '/services',
  service: '/services/:entry',
  articles: '/articles',
  article: '/articles/:entry',
  settings: '/settings',
  settingsPage: '/settings/:page',
  settingsItem: '/settings/:page/:item'
} as const

export const router = createRouter(routes)

export type Page = 'inbox' | 'history' | 'promises' | 'mentions' | 'monitoring' | 'broadcasts' | 'settings' | 'missing' | 'failures' | 'services' | 'articles'

export type Reading = 'session' | 'chronological'

const LISTS: readonly string[] = ['queue', 'mine', 'escalations', 'bot'] satisfies ListName[]

class Here {
  #place = $state.raw<Place<typeof routes> | null>(router.place)

  #filter = $state.raw<QueueFilter>(EVERYTHING)
  readonly #review = $derived(reviewOf(this.page === 'failures' ? (this.#place?.search ?? {}) : {}, this.failure !== null))
  readonly #history = $derived(this.page === 'history' ? historyOf(this.#place?.search ?? {}) : UNFILTERED)

  constructor() {
    router.subscribe(place => {
      this.#place = place
      if (place && 'list' in place.parameters && place.parameters.list === 'queue') this.#filter = filterOf(place.search)
    })
  }

  /** What the queue is narrowed by: as its address says, or as it last said while another page is shown. */
  get filter(): QueueFilter {
    return this.#filter
  }

  /** The message a link has pointed at. */
  get message(): number | null {
    return this.#number('message')
  }

  /** What the history is narrowed by. */
  get history(): HistoryFilter {
    return this.#history
  }

  /** The saved view that the history was opened by. */
  get view(): number | null {
    return this.#number('view')
  }

  /** How a chat of the history is read: its session alone, or among all of its customer's. */
  get reading(): Reading {
    return this.#place?.search['reading'] === 'chronological' ? 'chronological' : 'session'
  }

  #number(name: string): number | null {
    const id = Number(this.#place?.search[name])
    return Number.isSafeInteger(id) && id > 0 ? id : null
  }

  get page(): Page {
    switch (this.#place?.name) {
      case 'home':
      case 'inbox':
      case 'list':
      case 'chat':
        return 'inbox'
      case 'history':
      case 'transcript':
        return 'history'
      case 'promises':
      case 'mentions':
      case 'monitoring':
        return this.#place.name
      case 'broadcasts':
      case 'broadcast':
        return 'broadcasts'
      case 'failures':
      case 'cluster':
      case 'failure':
        return 'failures'
      case 'services':
      case 'service':
        return 'services'
      case 'articles':
      case 'article':
        return 'articles'
      case 'settings':
      case 'settingsPage':
      case 'settingsItem':
        return 'settings'
      default:
        return 'missing'
    }
  }

  /** Neither a list nor a chat is named yet. */
  get unchosen(): boolean {
    return this.#place?.name === 'home' || this.#place?.name === 'inbox'
  }

  get list(): ListName {
    const named = this.#place && 'list' in this.#place.parameters ? this.#place.parameters.list : ''
    return LISTS.includes(named) ? (named as ListName) : 'mine'
  }

  /** The chat that is open, on either page. */
  get chat(): number | null {
    const named = this.#place && 'chat' in this.#place.parameters ? Number(this.#place.parameters.chat) : NaN
    return Number.isSafeInteger(named) && named > 0 ? named : null
  }

  /** The broadcast that is shown: its id, or `new`; null for the list of them. */
  get broadcast(): number | 'new' | null {
    const named = this.#place && 'broadcast' in this.#place.parameters ? this.#place.parameters.broadcast : null
    if (named === null || named === 'new') return named
    const id = Number(named)
    return Number.isSafeInteger(id) && id > 0 ? id : null
  }

  /** The service or the article that is open: its id, or `new`; null for the list of them. */
  get entry(): number | 'new' | null {
    const named = this.#place && 'entry' in this.#place.parameters ? this.#place.parameters.entry : null
    if (named === null || named === 'new') return named
    const id = Number(named)
    return Number.isSafeInteger(id) && id > 0 ? id : null
  }

  /** The cluster whose people a new broadcast is for. */
  get clusterToTell(): number | null {
    return this.#number('cluster')
  }

  /** What the review of failed responses shows: groups, single questions, proposals or figures, and how they are narrowed. */
  get review(): ReviewPlace {
    return this.#review
  }

  /** The group, or the single question, whose panel is open. */
  get cluster(): number | null {
    return this.#parameter('cluster')
  }

  get failure(): number | null {
    return this.#parameter('failure')
  }

  #parameter(name: 'cluster' | 'failure'): number | null {
    const parameters: Partial<Record<string, string>> = this.#place?.parameters ?? {}
    const id = Number(parameters[name])
    return Number.isSafeInteger(id) && id > 0 ? id : null
  }

  /** Which page of the settings, by the last part of its address; null for their list. */
  get setting(): string | null {
    return this.#place && 'page' in this.#place.parameters ? this.#place.parameters.page : null
  }

  /** The one thing that a page of settings shows: its id, or `new`. */
  get settingItem(): string | null {
    return this.#place && 'item' in this.#place.parameters ? this.#place.parameters.item : null
  }
}

export const here = new Here()

const narrowing = (list: ListName) => (list === 'queue' ? searchOf(here.filter) : {})

export const toList = (list: ListName): string => router.href('list', { list }, narrowing(list))
export const toQueueOf = (filter: QueueFilter): string => router.href('list', { list: 'queue' }, searchOf(filter))
export const toChat = (list: ListName, id: number): string => router.href('chat', { list, chat: String(id) }, narrowing(list))
export const toMessage = (chat: number, message: number): string =>
  router.href('chat', { list: 'mine', chat: String(chat) }, { message: String(message) })
export const toPromises = (): string => router.href('promises')
export const toMentions = (): string => router.href('mentions')
export const toMonitoring = (): string => router.href('monitoring')
export const toBroadcasts = (): string => router.href('broadcasts')
export const toBroadcast = (which: number | 'new', cluster?: number): string =>
  router.href('broadcast', { broadcast: String(which) }, { cluster: cluster?.toString() })
export const goToBroadcasts = (): void => router.go('broadcasts')
/** The draft has its number by now: the same page under it. */
export const replaceBroadcast = (id: number): void => router.replace('broadcast', { broadcast: String(id) })
export const goToBroadcast = (which: number | 'new'): void => router.go('broadcast', { broadcast: String(which) })
export const toFailures = (): string => router.href('failures')
export const goToFailures = (): void => router.go('failures')
const reviewNow = (over: Partial<ReviewPlace> = {}): Search => reviewSearch({ ...here.review, ...over })
export const toCluster = (id: number): string => router.href('cluster', { cluster: String(id) }, reviewNow({ view: 'groups' }))
export const toFailure = (id: number): string => router.href('failure', { failure: String(id) }, reviewNow({ view: 'questions' }))
export const goToCluster = (id: number): void => router.go('cluster', { cluster: String(id) }, reviewNow({ view: 'groups' }))
export const goToFailure = (id: number): void => router.go('failure', { failure: String(id) }, reviewNow({ view: 'questions' }))
/** The panel closes, and what stood beside it stays; or something else is shown beside none. */
export const leavePanel = (over: Partial<ReviewPlace> = {}): void => router.go('failures', {}, reviewNow(over))
/** Narrow what is reviewed where it stands: no step of its own, for typing would be many. */
export function narrowReview(over: Partial<ReviewPlace>): void {
  if (here.cluster !== null) router.replace('cluster', { cluster: String(here.cluster) }, reviewNow(over))
  else if (here.failure !== null) router.replace('failure', { failure: String(here.failure) }, reviewNow(over))
  else router.replace('failures', {}, reviewNow(over))
}
export const toSessionAt = (chat: number, message: number): string => router.href('transcript', { chat: String(chat) }, { message: String(message) })
export const toTranscript = (id: number): string => router.href('transcript', { chat: String(id) })
export const toHistory = (): string => router.href('history')

export const goToList = (list: ListName): void => router.go('list', { list }, narrowing(list))
export const goToChat = (list: ListName, id: number): void => router.go('chat', { list, chat: String(id) }, narrowing(list))
export const replaceList = (list: ListName): void => router.replace('list', { list })
export const goToPromises = (): void => router.go('promises')
export const goToMentions = (): void => router.go('mentions')
export const goToMonitoring = (): void => router.go('monitoring')
/** Narrow the queue where it is shown. Each step of typing would be a step of Back, so the address is replaced. */
export function narrowQueue(filter: QueueFilter): void {
  if (here.chat === null) router.replace('list', { list: 'queue' }, searchOf(filter))
  else router.replace('chat', { list: 'queue', chat: String(here.chat) }, searchOf(filter))
}
export const goToHistory = (): void => router.go('history')

/** What the address of the history says beside the chat: what it is narrowed by, and how chats are read. */
const historySearchNow = (over: Search = {}): Search => ({
  ...historySearch(here.history),
  view: here.view?.toString(),
  reading: here.reading === 'session' ? undefined : here.reading,
  ...over
})
/** A chat in the history as it is narrowed now; with `message`, at that message. */
export const toHistoryChat = (id: number, message?: number): string =>
  router.href('transcript', { chat: String(id) }, historySearchNow({ message: message?.toString() }))
export const goToHistoryChat = (id: number): void => router.go('transcript', { chat: String(id) }, historySearchNow())
/** The list beside the chat that was read. */
export const leaveTranscript = (): void => router.go('history', {}, historySearchNow())
export const toNarrowed = (filter: HistoryFilter): string => router.href('history', {}, historySearch(filter))

/** Narrow the history where it is shown. With `step`, Back returns to what was before. */
export function narrowHistory(filter: HistoryFilter, { view = null, step = true }: { view?: number | null; step?: boolean } = {}): void {
  const search = historySearchNow({ ...historySearch(filter), view: view?.toString(), message: here.message?.toString() })
  const move = step ? router.go : router.replace
  if (here.chat === null) move('history', {}, search)
  else move('transcript', { chat: String(here.chat) }, search)
}

/** Read the chat that is open the other way, or another chat of it, at the same message. No step of its own: one key goes there and back. */
export function readAs(reading: Reading, chat: number, message: number | null): void {
  router.replace('transcript', { chat: String(chat) }, historySearchNow({
    reading: reading === 'session' ? undefined : reading, message: message?.toString()
  }))
}

const ENTRY = { services: 'service', articles: 'article' } as const
/** The services, the articles, or one of either. */
export const toKnowledge = (noun: 'services' | 'articles', entry?: number | 'new'): string =>
  entry === undefined ? router.href(noun) : router.href(ENTRY[noun], { entry: String(entry) })
export const goToKnowledge = (noun: 'services' | 'articles', entry?: number | 'new'): void =>
  entry === undefined ? router.go(noun) : router.go(ENTRY[noun], { entry: String(entry) })

export const toSettings = (page?: string, item?: string | number): string =>
  page === undefined ? router.href('settings')
  : item === undefined ? router.href('settingsPage', { page })
  : router.href('settingsItem', { page, item: String(item) })
export const goToSettings = (page?: string, item?: string | number): void =>
  page === undefined ? router.go('settings')
  : item === undefined ? router.go('settingsPage', { page })
  : router.go('settingsItem', { page, item: String(item) })
export const replaceSettings = (page: string, item?: string | number): void =>
  item === undefined ? router.replace('settingsPage', { page }) : router.replace('settingsItem', { page, item: String(item) })
