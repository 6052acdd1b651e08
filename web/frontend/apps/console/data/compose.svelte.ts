/** What is being put together for one chat beside its text: files on their way, what it answers to, what it corrects. */
import { UploadQueue, type UploadItem, type UploadQueueOptions } from '#shared/upload_queue'
import type { AttachmentOut, MentionOut, MessageOut, Quote } from '#shared/wire.gen'

export type Mode = 'reply' | 'note'

/** What travels with the text. */
export interface Enclosed {
  quote?: Quote | null
  attachments?: readonly AttachmentOut[]
  canned_id?: number | null
  mentions?: readonly MentionOut[]
}

export class Compose {
  files = $state.raw<readonly UploadItem[]>([])
  quote = $state.raw<Quote | null>(null)
  /** One's own message that is put right, with the words it is to have. The draft lies untouched meanwhile. */
  editing = $state.raw<MessageOut | null>(null)
  correction = $state('')
  /** Sent by the agent, held back until the last file has arrived. */
  waiting = $state(false)
  /** The canned message that the text began as. */
  canned: number | null = null
  /** Who was picked from the list: two people may have one name. */
  chosen: MentionOut[] = []
  readonly queue: UploadQueue

  constructor(options: Omit<UploadQueueOptions, 'onChange'>) {
    this.queue = new UploadQueue({ ...options, onChange: items => (this.files = items) })
  }

  edit(message: MessageOut): void {
    this.editing = message
    this.correction = message.body
  }

  stopEditing(): void {
    this.editing = null
    this.correction = ''
  }

  /** Run `send` once every file is there. It stays undone when one fails, or the agent takes it back by `waiting`. */
  async whenReady(send: () => void): Promise<void> {
    if (this.waiting) return
    this.waiting = true
    await this.queue.settled()
    const wanted = this.waiting
    this.waiting = false
    if (wanted && !this.queue.stuck) send()
  }

  /** Everything that goes with the message now being sent; what follows begins anew. */
  take(mentions: readonly MentionOut[]): Enclosed {
    const enclosed = { quote: this.quote, attachments: this.queue.take(), canned_id: this.canned, mentions }
    this.quote = null
    this.canned = null
    this.chosen = []
    return enclosed
  }

  /** A message came back: what went with it lies here again. */
  giveBack({ quote, attachments }: Enclosed): void {
    this.quote ??= quote ?? null
    this.queue.addStored(attachments ?? [], true)
  }
}
