/**
 * One entry in an editor: the copy it began with, what is typed over it, and a newer copy of somebody else’s that came
 * meanwhile. Nothing of either is lost without being asked for.
 */
import { ApiError } from '#shared/api'
import type { Toasts } from '#shared/kit/toasts.svelte'
import type { AgentBrief, ErrorOut } from '#shared/wire.gen'
import { Form, type Problems } from '../data/form.svelte'
import { problemOf, sentenceOf } from '../data/problem'
import type { Knowledge, Noun, State } from './knowledge'
import { t } from './words'

export interface Entry {
  readonly id: number
  readonly version: number
  readonly changed_by: AgentBrief | null
  readonly state: State
  readonly unread: number
}

/** What a noun means to an editor: how one of it is asked for, called and written. */
export interface Kind<Served extends Entry, Values extends object> {
  readonly noun: Noun
  readonly fetch: (id: number) => Promise<Served>
  readonly nameOf: (entry: Served) => string
  readonly valuesOf: (entry: Served) => Values
  readonly blank: Values
  readonly check: (values: Values) => Problems<Values>
}

export class Editing<Served extends Entry, Values extends object> {
  form = $state.raw<Form<Values> | null>(null)
  /** What is being edited, as it was saved last; null for a new one. */
  entry = $state.raw<Served | null>(null)
  /** Saved by somebody else since. */
  theirs = $state.raw<Served | null>(null)
  readonly kind: Kind<Served, Values>
  /** Null for one that is not saved yet. */
  readonly id: number | null
  readonly #knowledge: Knowledge
  readonly #toasts: Toasts

  constructor(kind: Kind<Served, Values>, id: number | null, knowledge: Knowledge, toasts: Toasts) {
    this.kind = kind
    this.id = id
    this.#knowledge = knowledge
    this.#toasts = toasts
  }

  /** The copy that the server has: none yet of a new one, none any more of one that is gone. */
  find = async (): Promise<{ entry: Served | null }> => {
    if (this.id === null) {
      if (!this.form) this.#begin(this.kind.blank)
      return { entry: null }
    }
    try {
      return { entry: await this.kind.fetch(this.id) }
    } catch (thrown) {
      if (isGone(thrown)) return { entry: null }
      throw thrown
    }
  }

  #begin(values: Values): void {
    this.form = new Form(values, { check: this.kind.check })
  }

  hear = (served: Served): void => {
    const { form, entry } = this
    if (!form || !entry) {
      this.entry = served
      this.#begin(this.kind.valuesOf(served))
    } else if (served.version === entry.version) this.entry = served
    else if (form.dirty || form.busy) this.theirs = served
    else this.#adopt(served)
  }

  /** Send what is in the form, in place of the version it began with. A refusal for its age asks for the newer copy. */
  async save(send: (values: Values, version: number) => Promise<Served>, again: () => Promise<void>): Promise<ErrorOut | null> {
    const refused = await this.form!.save(async (_, all) => {
      const served = await send(all, this.entry?.version ?? 0)
      this.entry = served
      this.theirs = null
      return this.kind.valuesOf(served)
    })
    if (refused?.code === 'stale') await again()
    return refused
  }

  /** What needs no form: archive, take off, discard. `undo` is offered for a few seconds. */
  async attempt(run: () => Promise<unknown>, said: string, undo?: () => Promise<unknown>): Promise<void> {
    try {
      await run()
      this.#taken(await this.kind.fetch(this.id!))
      this.#toasts.show(said, { tone: 'ok', ...(undo && { action: { label: t('undo'), run: () => void this.attempt(undo, t('restored', { name: this.#name })) } }) })
    } catch (thrown) {
      this.#toasts.show(sentenceOf(problemOf(thrown)), { tone: 'bad' })
    }
  }

  archive = (): Promise<void> =>
    this.attempt(() => this.#knowledge.archive(this.kind.noun, this.id!), t('archived_done', { name: this.#name }), this.#restore)

  restore = (): Promise<void> => this.attempt(this.#restore, t('restored', { name: this.#name }))

  readonly #restore = () => this.#knowledge.restore(this.kind.noun, this.id!)

  get #name(): string {
    return this.entry ? this.kind.nameOf(this.entry) : ''
  }

  #taken(served: Served): void {
    this.theirs = null
    this.#adopt(served)
    this.form?.discard()
  }

  takeTheirs = (): void => {
    if (this.theirs) this.#taken(this.theirs)
  }

  keepMine = (): void => {
    if (!this.theirs) return
    this.#adopt(this.theirs)
    this.theirs = null
    this.form?.forgive()
  }

  #adopt(served: Served): void {
    this.entry = served
    this.form?.take(this.kind.valuesOf(served))
  }
}

/** Whether asking again cannot help: there is no such thing. */
const isGone = (thrown: unknown): boolean => thrown instanceof ApiError && thrown.error.code === 'not_found'
