/** What was typed and not sent, per chat, kept on this device so that nothing typed is ever lost. */
import { SvelteMap } from 'svelte/reactivity'

export interface Draft {
  reply: string
  note: string
}

const PREFIX = 'parley.draft.'
const EMPTY: Draft = { reply: '', note: '' }

export class Drafts {
  readonly #drafts = new SvelteMap<number, Draft>()

  /** @param owner drafts belong to one agent: the next one to sign in here must not see them. */
  constructor(
    private readonly owner: number,
    private readonly storage: Storage = localStorage
  ) {
    for (const key of Object.keys(storage)) {
      const chatId = this.#chatOf(key)
      const draft = chatId === null ? null : parse(storage.getItem(key))
      if (chatId !== null && draft) this.#drafts.set(chatId, draft)
    }
  }

  of(chatId: number): Draft {
    return this.#drafts.get(chatId) ?? EMPTY
  }

  /** Is there anything typed for the customer? Lists show it as "Draft". */
  waits(chatId: number): boolean {
    return this.of(chatId).reply.trim() !== ''
  }

  keep(chatId: number, change: Partial<Draft>): void {
    const draft = { ...this.of(chatId), ...change }
    if (draft.reply === '' && draft.note === '') {
      this.#drafts.delete(chatId)
      this.storage.removeItem(this.#key(chatId))
    } else {
      this.#drafts.set(chatId, draft)
      this.storage.setItem(this.#key(chatId), JSON.stringify(draft))
    }
  }

  /** Put back what the server would not take, before anything typed since. */
  giveBack(chatId: number, field: keyof Draft, text: string): void {
    const typed = this.of(chatId)[field]
    this.keep(chatId, { [field]: typed === '' ? text : `${text}\n${typed}` })
  }

  #key(chatId: number): string {
    return `${PREFIX}${this.owner}.${chatId}`
  }

  #chatOf(key: string): number | null {
    const start = `${PREFIX}${this.owner}.`
    const id = key.startsWith(start) ? Number(key.slice(start.length)) : NaN
    return Number.isInteger(id) ? id : null
  }
}

function parse(stored: string | null): Draft | null {
  try {
    const { reply = '', note = '' } = JSON.parse(stored ?? '') as Partial<Draft>
    return { reply: String(reply), note: String(note) }
  } catch {
    return null
  }
}
