/**
 * What the visitor is writing: words, what they answer to, files on their way, and who to write back to.
 *
 * It outlives every screen, so going back to read an article loses nothing; the words outlive the page too.
 */
import type { UploadItem, UploadQueue } from '#shared/upload_queue'
import type { Notice, Quote, UploadLimits, VisitorAuthor } from '#shared/wire.gen'
import type { Desk } from './desk'
import type { Keep } from './keep'
import { MESSAGE_LIMIT } from './limits'
import type { SendExtra } from './lines'

export class Writing {
  quote = $state.raw<Quote | null>(null)
  /** The notice that is being answered; what it says stands in `quote`. */
  notice = $state<number | null>(null)
  files = $state.raw<readonly UploadItem[]>([])
  /** What a form asks beside the words. Null: as the desk knows it. */
  name = $state<string | null>(null)
  email = $state<string | null>(null)
  topic = $state('')

  readonly #keep: Keep
  readonly #desk: Desk
  #draft = $state('')
  #queue: UploadQueue | null = null

  constructor(keep: Keep, desk: Desk) {
    this.#keep = keep
    this.#desk = desk
    this.#draft = keep.draft
  }

  get draft(): string {
    return this.#draft
  }

  set draft(draft: string) {
    this.#draft = draft
    this.#keep.draft = draft
  }

  readonly uploading = $derived(this.files.some(({ state }) => state === 'waiting' || state === 'sending'))
  readonly empty = $derived(this.#draft.trim() === '' && this.files.length === 0)
  /** Characters beyond what a message may have; below zero while there is room. */
  readonly over = $derived(this.#draft.trim().length - MESSAGE_LIMIT)
  /**
   * It can go: there are words or stored files, and no file is on its way or has to be tried again or taken off. One that was
   * refused does not stand in the way.
   */
  readonly ready = $derived(
    this.over <= 0
      && (this.#draft.trim() !== '' || this.files.some(({ state }) => state === 'done'))
      && this.files.every(({ state }) => state === 'done' || state === 'refused')
  )

  answer({ id, author, body }: { id: number; author: Pick<VisitorAuthor, 'kind' | 'name'>; body: string }): void {
    this.quote = { id, author_kind: author.kind, author_name: author.name, body: [...body].slice(0, QUOTED).join('') }
    this.notice = null
  }

  answerNotice({ id, body }: Notice, company: string): void {
    this.answer({ id, author: { kind: 'system', name: company }, body })
    this.notice = id
  }

  /** Write without answering anything. */
  unquote(): void {
    this.quote = this.notice = null
  }

  /** Take files in; the code that carries them is loaded with the first. */
  async attach(files: readonly File[], limits: UploadLimits): Promise<void> {
    if (files.length > 0) (await this.#openQueue(limits)).add(files)
  }

  removeFile(id: string): void {
    this.#queue?.remove(id)
  }

  retryFile(id: string): void {
    this.#queue?.retry(id)
  }

  /** The line is back: what it broke off begins again. */
  retryLost(): void {
    for (const { id, error } of this.files) if (error?.code === 'offline') this.retryFile(id)
  }

  /** Hand over what is written, and begin anew. */
  take(): { body: string; extra: SendExtra } {
    const attachments = this.#queue?.take() ?? []
    // A notice is no message of the chat yet: it becomes one with its answer, and is not quoted besides.
    const answers = this.notice === null ? this.quote && { quote: this.quote } : { notice: this.notice }
    const extra = { ...answers, ...(attachments.length > 0 && { attachments }) }
    const body = this.#draft.trim()
    this.draft = ''
    this.unquote()
    return { body, extra }
  }

  /** Back into the box, before whatever has been begun since. */
  async takeBack(body: string, { quote, attachments }: SendExtra, limits: UploadLimits): Promise<void> {
    this.draft = [body, this.#draft].filter(text => text.trim() !== '').join('\n')
    this.quote ??= quote ?? null
    if (attachments) (await this.#openQueue(limits)).addStored(attachments, true)
  }

  async #openQueue(limits: UploadLimits): Promise<UploadQueue> {
    const { UploadQueue } = await import('#shared/upload_queue')
    this.#queue ??= new UploadQueue({
      limits: () => limits,
      send: (file, more) => this.#desk.upload(file, more),
      discard: id => this.#desk.discardFile(id),
      onChange: items => (this.files = items)
    })
    return this.#queue
  }
}

/** Characters of a message that a quote keeps, as on the server. */
const QUOTED = 200
