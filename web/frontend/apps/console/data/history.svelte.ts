/**
 * Rows of the history: narrowed by the filter of the address, sorted or searched by the server, a page at a time.
 * Only the answer to the last question counts.
 */
import type { ChatOut, Corrected, SearchHit, SearchPerson, SearchProblem } from '#shared/wire.gen'
import { datesReversed, queryTooLong, UNFILTERED, type HistoryFilter } from '../rules/history_filter'
import type { Archive } from './archive'
import { problemOf } from './problem'

/** A chat found, and the messages in it that fit the words. */
export interface HistoryRow {
  chat: ChatOut
  hits: readonly SearchHit[]
}

/** Pages without a single row that a search goes through by itself before it asks whether to go on. */
const PATIENCE = 5

export class History {
  filter = $state.raw<HistoryFilter>(UNFILTERED)
  /** `too_long`: nothing was asked, for the server takes no such query. */
  state = $state<'loading' | 'ready' | 'failed' | 'too_long'>('loading')
  /** A newer answer is on its way while the old rows stay. */
  busy = $state(false)
  more = $state<'none' | 'idle' | 'loading' | 'failed'>('none')
  rows = $state.raw<readonly HistoryRow[]>([])
  people = $state.raw<readonly SearchPerson[]>([])
  problems = $state.raw<readonly SearchProblem[]>([])
  corrected = $state.raw<readonly Corrected[]>([])
  /** Null while searching: then only what has been found so far is known. */
  total = $state<number | null>(null)
  capped = $state(false)
  searchedTo = $state<string | null>(null)
  #next: string | null = null
  #asked: AbortController | null = null
  #barren = 0

  constructor(private readonly archive: Pick<Archive, 'history'>) {}

  get searching(): boolean {
    return this.filter.q.trim() !== ''
  }

  /** A search that has found nothing for a while waits to be told to go on. */
  get tired(): boolean {
    return this.#barren >= PATIENCE
  }

  narrow(filter: HistoryFilter): Promise<void> {
    this.filter = filter
    return this.load()
  }

  load = async (): Promise<void> => {
    this.#asked?.abort()
    const tooLong = queryTooLong(this.filter.q)
    if (tooLong || datesReversed(this.filter)) {
      this.#show(NOTHING)
      this.state = tooLong ? 'too_long' : 'ready'
      this.busy = false
      return
    }
    const asked = (this.#asked = new AbortController())
    if (this.state !== 'ready') this.state = 'loading'
    this.busy = true
    this.#barren = 0
    try {
      const page = await this.archive.history(this.filter, null, asked.signal)
      if (asked.signal.aborted) return
      this.#show(page)
      this.state = 'ready'
    } catch (thrown) {
      if (asked.signal.aborted) return
      problemOf(thrown)
      this.state = 'failed'
    } finally {
      if (this.#asked === asked) this.busy = false
    }
  }

  loadMore = async (): Promise<void> => {
    if (this.#next === null || this.more === 'loading' || this.busy) return
    const asked = this.#asked!
    this.more = 'loading'
    try {
      const page = await this.archive.history(this.filter, this.#next, asked.signal)
      if (asked.signal.aborted) return
      const known = new Set(this.rows.map(row => row.chat.id))
      const fresh = page.rows.filter(row => !known.has(row.chat.id))
      this.#barren = fresh.length === 0 ? this.#barren + 1 : 0
      this.rows = [...this.rows, ...fresh]
      this.#next = page.next
      this.searchedTo = page.searchedTo
      this.more = page.next === null ? 'none' : 'idle'
    } catch (thrown) {
      if (asked.signal.aborted) return
      problemOf(thrown)
      this.more = 'failed'
    }
  }

  /** Go on with a search that has grown tired. */
  goOn = (): Promise<void> => {
    this.#barren = 0
    return this.loadMore()
  }

  /** A chat has changed: its tags, how it ended. Its row says so, whether or not it would be found again. */
  put(chat: ChatOut): void {
    if (this.rows.some(row => row.chat.id === chat.id)) {
      this.rows = this.rows.map(row => (row.chat.id === chat.id ? { ...row, chat } : row))
    }
  }

  #show({ rows, people, problems, corrected, total, capped, next, searchedTo }: HistoryAnswer): void {
    this.rows = rows
    this.people = people
    this.problems = problems
    this.corrected = corrected
    this.total = total
    this.capped = capped
    this.searchedTo = searchedTo
    this.#next = next
    this.more = next === null ? 'none' : 'idle'
  }
}

/** A page of either kind: of a list, or of a search. */
export interface HistoryAnswer {
  rows: readonly HistoryRow[]
  people: readonly SearchPerson[]
  problems: readonly SearchProblem[]
  corrected: readonly Corrected[]
  total: number | null
  capped: boolean
  next: string | null
  searchedTo: string | null
}

const NOTHING: HistoryAnswer = { rows: [], people: [], problems: [], corrected: [], total: null, capped: false, next: null, searchedTo: null }
