/**
 * Who has waited so long that a supervisor is called. An alarm stands until somebody takes the chat or it is dismissed;
 * a reload of the page does not end it.
 */
import { now } from '#shared/now.svelte'
import { secondsSince } from '#shared/time'
import type { ChatOut } from '#shared/wire.gen'
import { SvelteSet } from 'svelte/reactivity'
import { waitingSince } from '../rules/lists'
import type { Desk } from './desk.svelte'
import type { ChatList } from './inbox.svelte'

const KEY = 'parley.alarms.dismissed'

export class Alarms {
  /** Chats whose alarm was put away on this page. */
  readonly #dismissed: SvelteSet<number>
  /** Chats the server has called about; it may be ahead of this machine's clock. */
  readonly #called = new SvelteSet<number>()

  constructor(
    private readonly queue: Pick<ChatList, 'all'>,
    private readonly desk: Pick<Desk, 'can' | 'settings' | 'teams'>,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'> = sessionStorage
  ) {
    this.#dismissed = new SvelteSet(read(storage))
  }

  /** The longest wait first. Empty for everybody but supervisors. */
  get standing(): ChatOut[] {
    if (!this.desk.can('chat.supervise')) return []
    return this.queue.all
      .filter(chat => !this.#dismissed.has(chat.id) && this.#late(chat))
      .sort((a, b) => Date.parse(waitingSince(a)) - Date.parse(waitingSince(b)))
  }

  stands = (chatId: number): boolean => this.standing.some(chat => chat.id === chatId)

  call(chatId: number): void {
    this.#called.add(chatId)
  }

  dismiss(chats: readonly ChatOut[]): void {
    for (const chat of chats) this.#dismissed.add(chat.id)
    this.storage.setItem(KEY, JSON.stringify([...this.#dismissed]))
  }

  #late(chat: ChatOut): boolean {
    const limit = this.desk.teams.find(team => team.id === chat.team?.id)?.alarm_wait_s ?? this.desk.settings.alarm_wait_s
    return this.#called.has(chat.id) || secondsSince(waitingSince(chat), now.seconds) >= limit
  }
}

function read(storage: Pick<Storage, 'getItem'>): number[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(each => typeof each === 'number') : []
  } catch {
    return []
  }
}
