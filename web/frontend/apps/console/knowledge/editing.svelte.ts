/**
 * One entry in an editor: the copy it began with, what is typed over it, and a newer copy of somebody else’s that came
 * meanwhile. Nothing of either is lost without being asked for.
 */
import { ApiError } from '#shared/api'
import type { AgentBrief, ErrorOut } from '#shared/wire.gen'
import { Form, type Problems } from '../data/form.svelte'

interface Entry {
  readonly id: number
  readonly version: number
  readonly changed_by: AgentBrief | null
}

export class Editing<Served extends Entry, Values extends object> {
  form = $state.raw<Form<Values> | null>(null)
  /** What is being edited, as it was saved last; null for a new one. */
  entry = $state.raw<Served | null>(null)
  /** Saved by somebody else since. */
  theirs = $state.raw<Served | null>(null)
  readonly #valuesOf: (entry: Served) => Values
  readonly #check: (values: Values) => Problems<Values>

  constructor(valuesOf: (entry: Served) => Values, check: (values: Values) => Problems<Values>) {
    this.#valuesOf = valuesOf
    this.#check = check
  }

  begin(values: Values): void {
    this.form = new Form(values, { check: this.#check })
  }

  hear = (served: Served): void => {
    const { form, entry } = this
    if (!form || !entry) {
      this.entry = served
      this.begin(this.#valuesOf(served))
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
      return this.#valuesOf(served)
    })
    if (refused?.code === 'stale') await again()
    return refused
  }

  /** What needs no form: archive, take off, discard. */
  done(served: Served): void {
    this.theirs = null
    this.#adopt(served)
    this.form?.discard()
  }

  takeTheirs = (): void => {
    if (this.theirs) this.done(this.theirs)
  }

  keepMine = (): void => {
    if (!this.theirs) return
    this.#adopt(this.theirs)
    this.theirs = null
    this.form?.forgive()
  }

  #adopt(served: Served): void {
    this.entry = served
    this.form?.take(this.#valuesOf(served))
  }
}

/** Whether asking again cannot help: there is no such thing. */
export const isGone = (thrown: unknown): boolean => thrown instanceof ApiError && thrown.error.code === 'not_found'
