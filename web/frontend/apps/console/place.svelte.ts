/** Where in the console we are, as state. Lists and chats have addresses, so a reload or a shared link shows the same. */
import { createRouter, type Place } from '#shared/router'
import type { ListName } from './rules/lists'

const routes = {
  home: '/',
  inbox: '/inbox',
  list: '/inbox/:list',
  chat: '/inbox/:list/:chat',
  history: '/history',
  transcript: '/history/:chat'
} as const

export const router = createRouter(routes)

export type Page = 'inbox' | 'history' | 'missing'

const LISTS: readonly string[] = ['queue', 'mine', 'bot'] satisfies ListName[]

class Here {
  #place = $state.raw<Place<typeof routes> | null>(router.place)

  constructor() {
    router.subscribe(place => (this.#place = place))
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
}

export const here = new Here()

export const toList = (list: ListName): string => router.href('list', { list })
export const toChat = (list: ListName, id: number): string => router.href('chat', { list, chat: String(id) })
export const toTranscript = (id: number): string => router.href('transcript', { chat: String(id) })
export const toHistory = (): string => router.href('history')

export const goToList = (list: ListName): void => router.go('list', { list })
export const goToChat = (list: ListName, id: number): void => router.go('chat', { list, chat: String(id) })
export const replaceList = (list: ListName): void => router.replace('list', { list })
export const goToHistory = (): void => router.go('history')
export const goToTranscript = (id: number): void => router.go('transcript', { chat: String(id) })
