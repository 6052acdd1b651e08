/**
 * What somebody is filling in: what has changed since it was last saved, what is wrong with it, and whether it is on its way.
 *
 * A newer copy from the server is taken in field by field: what was not touched here follows it, what was touched stays.
 */
import type { ErrorOut } from '#shared/wire.gen'
import { problemOf, sentenceOf } from './problem'

export type Problems<Values> = { [Name in keyof Values]?: string }

export interface FormOptions<Values> {
  /** What can be seen to be wrong before the server is asked. */
  check?: (values: Values) => Problems<Values>
}

/** One sentence says enough of a field, however deep in it the fault lies. */
const first = (said: unknown): string | null => {
  if (typeof said === 'string') return said
  if (Array.isArray(said)) return first(said[0])
  if (typeof said === 'object' && said !== null) return first(Object.values(said)[0])
  return null
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

export class Form<Values extends object> {
  values = $state<Values>() as Values
  busy = $state(false)
  /** Counts what was saved; a page that shows it knows that something was. */
  saves = $state(0)
  /** Counts what was thrown away: fields begin anew with it. */
  discards = $state(0)
  error = $state.raw<ErrorOut | null>(null)
  #saved = $state.raw<Values>() as Values
  /** What was complained of, and of which words: whoever changes those has heard. */
  #problems = $state.raw<Problems<Values>>({})
  #blamed = $state.raw<Partial<Values>>({})
  readonly #check: (values: Values) => Problems<Values>

  constructor(values: Values, { check = () => ({}) }: FormOptions<Values> = {}) {
    this.#saved = values
    this.values = structuredClone(values)
    this.#check = check
  }

  get saved(): Values {
    return this.#saved
  }

  get dirty(): boolean {
    return !same(this.values, this.#saved)
  }

  /** The fields that differ from what is saved, as a PATCH wants them. */
  get changed(): Partial<Values> {
    const values = $state.snapshot(this.values) as Values
    const names = (Object.keys(values) as (keyof Values)[]).filter(name => !same(values[name], this.#saved[name]))
    return Object.fromEntries(names.map(name => [name, values[name]])) as Partial<Values>
  }

  isChanged(name: keyof Values): boolean {
    return !same(this.values[name], this.#saved[name])
  }

  /** What is wrong with a field, until it is changed. */
  problem(name: keyof Values): string | null {
    const said = this.#problems[name]
    return said !== undefined && same(this.values[name], this.#blamed[name]) ? said : null
  }

  /** What is wrong, but with none of the fields. */
  get complaint(): string | null {
    return this.error && Object.keys(this.#problems).length === 0 ? sentenceOf(this.error) : null
  }

  get hasProblems(): boolean {
    return (Object.keys(this.#problems) as (keyof Values)[]).some(name => this.problem(name) !== null)
  }

  discard = (): void => {
    this.values = structuredClone(this.#saved)
    this.discards += 1
    this.forgive()
  }

  /** A fresher copy has come. */
  take(values: Values): void {
    const mine = this.changed
    this.#saved = values
    this.values = { ...structuredClone(values), ...mine }
  }

  /**
   * Ask the server; `send` may answer with the values as they are now. Null when it is done, else the refusal, whose
   * fields are marked.
   */
  async save(send: (changed: Partial<Values>, all: Values) => Promise<Values | void>): Promise<ErrorOut | null> {
    if (this.busy) return null
    this.forgive()
    const all = $state.snapshot(this.values) as Values
    const problems = this.#check(all)
    if (Object.keys(problems).length > 0) return this.refuse({ code: 'invalid', message: '', fields: problems })
    this.busy = true
    try {
      const now = (await send(this.changed, all)) ?? all
      // What was typed while it was on its way is still to be saved.
      const typed = (Object.keys(all) as (keyof Values)[]).filter(name => !same(this.values[name], all[name]))
      const kept = Object.fromEntries(typed.map(name => [name, $state.snapshot(this.values[name])])) as Partial<Values>
      this.#saved = now
      this.values = { ...structuredClone(now), ...kept }
      this.saves += 1
      return null
    } catch (thrown) {
      return this.refuse(problemOf(thrown))
    } finally {
      this.busy = false
    }
  }

  /** Mark what a refusal names. */
  refuse(error: ErrorOut): ErrorOut {
    this.error = error
    const names = Object.keys(this.values) as (keyof Values & string)[]
    const said = names.map(name => [name, first(error.fields?.[name])] as const).filter(([, sentence]) => sentence !== null)
    this.#problems = Object.fromEntries(said) as Problems<Values>
    this.#blamed = structuredClone($state.snapshot(this.values) as Values)
    return error
  }

  forgive(): void {
    this.error = null
    this.#problems = {}
  }
}
