/**
 * The files chosen for one message, on their way: a few at a time, each with its progress, to be cancelled and retried.
 *
 * It knows no framework. Items are never changed but replaced, so that a screen keeps the list it is handed as its state.
 */
import { ApiError } from './api'
import { unfit, type Unfit } from './upload'
import type { AttachmentOut, ErrorOut, UploadLimits } from './wire.gen'

export type FileKind = AttachmentOut['kind']

export interface UploadItem {
  /** Of this page alone; the stored file has a number of its own. */
  readonly id: string
  readonly name: string
  /** Bytes */
  readonly size: number
  readonly kind: FileKind
  /** `refused` was never sent and cannot be retried; `failed` can. */
  readonly state: 'waiting' | 'sending' | 'done' | 'failed' | 'refused'
  /** Between 0 and 1 */
  readonly progress: number
  /** An address of this page or of the desk for a small picture of it; null for what has none. */
  readonly preview: string | null
  readonly unfit: Unfit | null
  readonly error: ErrorOut | null
  readonly attachment: AttachmentOut | null
}

export interface UploadQueueOptions {
  limits(): UploadLimits
  send(file: File, more: { signal: AbortSignal; onProgress: (share: number) => void }): Promise<AttachmentOut>
  /** A stored file that no message will carry. The desk forgets it by itself in time, so a failure is nobody's business. */
  discard(attachmentId: number): Promise<unknown>
  onChange(items: readonly UploadItem[]): void
}

interface Held {
  file: File | null
  /** Uploaded here, so taking it off the message throws it away. */
  own: boolean
  stop: AbortController | null
}

/** More at once only share the same line, and the first would be done later. */
const AT_ONCE = 2

export class UploadQueue {
  #items: readonly UploadItem[] = []
  readonly #held = new Map<string, Held>()
  #settled: (() => void)[] = []

  constructor(private readonly options: UploadQueueOptions) {}

  get items(): readonly UploadItem[] {
    return this.#items
  }

  /** Something is still on its way. */
  get busy(): boolean {
    return this.#items.some(each => each.state === 'waiting' || each.state === 'sending')
  }

  /** Something needs a decision before the message can go: retry it, or take it off. */
  get stuck(): boolean {
    return this.#items.some(each => each.state === 'failed' || each.state === 'refused')
  }

  /** The stored files, in the order chosen. */
  get stored(): AttachmentOut[] {
    return this.#items.flatMap(each => (each.attachment ? [each.attachment] : []))
  }

  /** Take files in. What does not fit the limits stays in the list with the reason, and is not sent. */
  add(files: Iterable<File>): void {
    const limits = this.options.limits()
    let room = limits.most_files - this.#items.filter(each => each.state !== 'refused').length
    for (const file of files) {
      const reason = unfit(file, limits) ?? (room > 0 ? null : { code: 'too_many' as const, most: limits.most_files })
      if (reason === null) room -= 1
      const kind = kindOf(file.type)
      const item: UploadItem = {
        id: crypto.randomUUID(), name: file.name, size: file.size, kind, state: reason ? 'refused' : 'waiting', progress: 0,
        preview: kind === 'image' && reason === null ? URL.createObjectURL(file) : null, unfit: reason, error: null, attachment: null
      }
      this.#held.set(item.id, { file, own: true, stop: null })
      this.#items = [...this.#items, item]
    }
    this.#changed()
    this.#work()
  }

  /** Take in what is stored already, such as the files of a canned message. Doubles, and what is too many, are left out. */
  addStored(attachments: readonly AttachmentOut[], own = false): void {
    const here = new Set(this.#items.map(each => each.attachment?.id))
    const room = this.options.limits().most_files - this.#items.length
    const added = attachments.filter(each => !here.has(each.id)).slice(0, Math.max(0, room)).map((attachment): UploadItem => ({
      id: crypto.randomUUID(), name: attachment.name, size: attachment.size, kind: attachment.kind, state: 'done', progress: 1,
      preview: attachment.thumb_url, unfit: null, error: null, attachment
    }))
    for (const { id } of added) this.#held.set(id, { file: null, own, stop: null })
    this.#items = [...this.#items, ...added]
    this.#changed()
  }

  retry(id: string): void {
    const item = this.#find(id)
    if (item?.state !== 'failed') return
    this.#replace(id, { state: 'waiting', progress: 0, error: null })
    this.#work()
  }

  /** Off the message: an upload on its way is cancelled, a stored one thrown away. */
  remove(id: string): void {
    const item = this.#find(id)
    const held = this.#held.get(id)
    if (!item || !held) return
    this.#forget([item])
    held.stop?.abort()
    if (item.attachment && held.own) this.options.discard(item.attachment.id).catch(() => undefined)
    this.#changed()
    this.#work()
  }

  /** Hand the stored files over to a message, and begin anew. What was refused goes too: it was only said. */
  take(): AttachmentOut[] {
    const { stored } = this
    this.#forget(this.#items)
    this.#changed()
    return stored
  }

  /** Give everything up. */
  clear(): void {
    for (const { id } of this.#items) this.remove(id)
  }

  /** Resolves once nothing is on its way any more, whatever came of it. */
  settled(): Promise<void> {
    return this.busy ? new Promise(resolve => this.#settled.push(resolve)) : Promise.resolve()
  }

  #work(): void {
    const sending = this.#items.filter(each => each.state === 'sending').length
    const next = this.#items.filter(each => each.state === 'waiting').slice(0, AT_ONCE - sending)
    for (const item of next) void this.#deliver(item.id)
  }

  async #deliver(id: string): Promise<void> {
    const held = this.#held.get(id)
    if (!held?.file) return
    const stop = (held.stop = new AbortController())
    this.#replace(id, { state: 'sending' })
    try {
      const onProgress = (share: number) => this.#replace(id, { progress: share })
      const attachment = await this.options.send(held.file, { signal: stop.signal, onProgress })
      // Taken off in the very moment it arrived: nobody else knows of it.
      if (this.#find(id)) this.#replace(id, { state: 'done', progress: 1, attachment })
      else this.options.discard(attachment.id).catch(() => undefined)
    } catch (thrown) {
      const error = thrown instanceof ApiError ? thrown.error : { code: 'unknown', message: '' }
      this.#replace(id, { state: 'failed', error })
    } finally {
      held.stop = null
      this.#work()
    }
  }

  #find(id: string): UploadItem | undefined {
    return this.#items.find(each => each.id === id)
  }

  #replace(id: string, change: Partial<UploadItem>): void {
    this.#items = this.#items.map(each => (each.id === id ? { ...each, ...change } : each))
    this.#changed()
  }

  #forget(items: readonly UploadItem[]): void {
    for (const { id, preview } of items) {
      if (preview?.startsWith('blob:')) URL.revokeObjectURL(preview)
      this.#held.delete(id)
    }
    this.#items = this.#items.filter(each => !items.includes(each))
  }

  #changed(): void {
    this.options.onChange(this.#items)
    if (this.busy) return
    for (const resolve of this.#settled.splice(0)) resolve()
  }
}

/** What a browser says a file is, as far as it matters before the desk has looked. */
export function kindOf(type: string): FileKind {
  const family = type.split('/')[0]
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'document'
}
