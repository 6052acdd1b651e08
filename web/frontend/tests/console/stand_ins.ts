/** A server and a socket that answer what a test tells them to. */
import { ApiError } from '#shared/api'
import type { Live, Status } from '#shared/live'
import type { Outgoing } from '#shared/store/outbox'
import { memoryStorage, type OutboxStorage } from '#shared/store/outbox_storage'
import type { ChatOut, ErrorOut, MeOut } from '#shared/wire.gen'
import { vi } from 'vitest'
import { Console, type Listeners, type SendExtra } from '../../apps/console/data/console.svelte'
import type { Server } from '../../apps/console/data/server'
import { canned, customer, me as meOut, message, overview } from './fixtures'

export const refusal = (error: Partial<ErrorOut> & { code: string }): ApiError => new ApiError({ message: '', ...error })

export function standInServer(chats: ChatOut[], over: Partial<Server> = {}): Server {
  const server: Partial<Server> = {
    overview: async () => overview(),
    list: async name => {
      const items = chats.filter(chat => (name === 'queue' ? chat.state === 'queued' : name === 'mine' ? chat.owner?.id === 1 : name === 'escalations' ? chat.escalation !== null : chat.state === 'bot'))
      return { items, total: items.length, next: null }
    },
    chat: async id => ({
      chat: chats.find(chat => chat.id === id)!, customer, messages: { messages: [], head: 0, more: false }, earlier: [], sessions: [],
      allowed: [], drafts: { reply: '', note: '' }, viewers: [], hands: []
    }),
    canned: async () => ({ items: canned, variables: [] }),
    tags: async () => ({ items: [] }),
    alarms: async () => ({ items: [] }),
    ...over
  }
  return server as Server
}

/** Tells what the test says, and answers every question alike, unless told otherwise. */
export function standInLive() {
  const hearing = new Map<string, Set<(payload: never) => void>>()
  const watchers = new Set<(status: Status) => void>()
  const live = {
    status: { state: 'connected' } as Status,
    ask: vi.fn(async () => ({ ok: true, data: { message: message(1), messages: [], more: false } })),
    on(event: string, hear: (payload: never) => void) {
      const all = hearing.get(event) ?? new Set()
      hearing.set(event, all.add(hear))
      return () => all.delete(hear)
    },
    subscribe(watch: (status: Status) => void) {
      watchers.add(watch)
      watch(live.status)
      return () => watchers.delete(watch)
    },
    retry: () => undefined,
    close: () => undefined
  }
  return {
    live: live as unknown as Live<'/console'>,
    ask: live.ask,
    tell: (event: string, payload: unknown) => hearing.get(event)?.forEach(hear => hear(payload as never)),
    become(status: Status) {
      live.status = status
      watchers.forEach(watch => watch(status))
    }
  }
}

export function standInConsole(chats: ChatOut[], { server = {}, me = meOut(), storage = memoryStorage() }: { server?: Partial<Server>; me?: MeOut; storage?: OutboxStorage<Outgoing<SendExtra>> } = {}) {
  const socket = standInLive()
  const listeners: Listeners = { message: vi.fn(), queued: vi.fn(), alert: vi.fn(), outage: vi.fn(), refused: vi.fn(), backOnline: vi.fn(), cut: vi.fn() }
  const console = new Console({ me, server: standInServer(chats, server), live: socket.live, storage, listeners })
  return { console, listeners, ...socket }
}
