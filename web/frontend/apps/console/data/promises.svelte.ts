/** What customers were told: who contacts them, and by when. Kept in step by what is told. */
import type { FollowUpOut, OverviewOut, PromiseOut, PromisePatch, PromiseSettle } from '#shared/wire.gen'
import { SvelteMap } from 'svelte/reactivity'
import { inPromiseOrder, urgency, type PromiseView } from '../rules/promises'
import type { Desk } from './desk.svelte'
import { problemOf } from './problem'
import type { Server } from './server'

export class Promises {
  view = $state.raw<PromiseView>({ scope: 'mine', state: 'open' })
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  busy = $state(false)
  next = $state<string | null>(null)
  /** How many of one's own are pressing, as the server counted them: until the list of them is here. */
  #counted = $state(0)
  /** One's own open ones are all known, so they can be counted here. */
  #mineKnown = $state(false)
  #asked = 0
  readonly #known = new SvelteMap<number, PromiseOut>()

  constructor(
    private readonly desk: Desk,
    private readonly server: Server
  ) {}

  readonly items = $derived.by(() => inPromiseOrder(this.#known.values(), this.view, this.desk.myId))

  /** How many of one's own are due, or soon will be. */
  pressing(now: number): number {
    if (!this.#mineKnown) return this.#counted
    const mine = inPromiseOrder(this.#known.values(), { scope: 'mine', state: 'open' }, this.desk.myId)
    return mine.filter(promise => urgency(promise, now, this.desk.settings.promise_warn_s) !== 'later').length
  }

  /** The server's own count, from the answer about everything around the inbox. */
  heed({ promises }: Pick<OverviewOut, 'promises'>): void {
    this.#counted = promises
  }

  hear = (promise: PromiseOut): void => {
    this.#known.set(promise.id, promise)
    if (!this.#mineKnown) void this.#count()
  }

  show(view: PromiseView): void {
    this.view = view
    void this.load()
  }

  async load(): Promise<void> {
    const asked = ++this.#asked
    const { view } = this
    if (this.items.length === 0) this.state = 'loading'
    this.busy = true
    try {
      const page = await this.server.promises(view, null)
      if (asked !== this.#asked) return
      this.#forget(view)
      for (const promise of page.items) this.#known.set(promise.id, promise)
      this.next = page.next
      this.state = 'ready'
      if (view.state === 'open') this.#mineKnown = page.next === null
    } catch (thrown) {
      problemOf(thrown)
      if (asked === this.#asked && this.items.length === 0) this.state = 'failed'
    } finally {
      if (asked === this.#asked) this.busy = false
    }
  }

  async more(): Promise<void> {
    const page = await this.server.promises(this.view, this.next)
    for (const promise of page.items) this.#known.set(promise.id, promise)
    this.next = page.next
  }

  /** Each throws what the server refuses, for the dialog to say. */
  async move(promise: PromiseOut, change: PromisePatch): Promise<void> {
    this.hear(await this.server.movePromise(promise.id, change))
  }

  async settle(promise: PromiseOut, body: PromiseSettle): Promise<void> {
    this.hear(await this.server.settlePromise(promise.id, body))
  }

  /** Give the customer of an escalation a new time, and tell them. */
  async extend(promise: PromiseOut, dueAt: string): Promise<void> {
    this.hear(await this.server.extendPromise(promise.id, { due_at: dueAt }))
  }

  /** What was promised with the escalation of this chat and is still open, where it is known here. */
  ofEscalation(chatId: number): PromiseOut | null {
    return [...this.#known.values()].find(each => each.chat_id === chatId && each.kind === 'escalation' && each.state === 'open') ?? null
  }

  /** @param clientId the same for each try, so that a repeated one writes once */
  followUp(promise: PromiseOut, body: string, clientId: string): Promise<FollowUpOut> {
    return this.server.followUp(promise.chat_id, { body, client_id: clientId, promise_id: promise.id })
  }

  /** A fresh page says all there is; what it lacks has gone elsewhere. */
  #forget(view: PromiseView): void {
    for (const promise of inPromiseOrder(this.#known.values(), view, this.desk.myId)) this.#known.delete(promise.id)
  }

  async #count(): Promise<void> {
    try {
      this.heed(await this.server.overview())
    } catch (thrown) {
      problemOf(thrown) // The next news asks again.
    }
  }
}
