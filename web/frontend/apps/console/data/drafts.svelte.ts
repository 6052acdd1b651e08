/**
 * What was typed and not sent, per chat and mode: on this device at once, so that nothing typed is ever lost, and on the
 * server when the hands rest, so that another device has it too.
 *
 * Each text stands beside the one the server was last known to have. Where the two are the same, nothing was typed here
 * since, and whatever the server has now is newer. Where they differ, the words of this device win.
 */
import type { DraftsOut } from '#shared/wire.gen'
import { SvelteMap } from 'svelte/reactivity'

export type Draft = DraftsOut
export type DraftMode = keyof DraftsOut

/** Whether the server has it now. */
export type TellDraft = (chatId: number, mode: DraftMode, text: string) => Promise<boolean>

const PREFIX = 'parley.draft.'
const EMPTY: Draft = { reply: '', note: '' }
const MODES = ['reply', 'note'] as const
/** How long the hands must rest before the server is told. */
export const TELL_AFTER = 1_500

interface Kept {
  typed: Draft
  told: Draft
}

export class Drafts {
  readonly #kept = new SvelteMap<number, Kept>()
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()

  /** @param owner drafts belong to one agent: the next one to sign in here must not see them. */
  constructor(
    private readonly owner: number,
    private readonly tell: TellDraft = async () => false,
    private readonly storage: Storage = localStorage
  ) {
    for (const key of Object.keys(storage)) {
      const chatId = this.#chatOf(key)
      const kept = chatId === null ? null : parse(storage.getItem(key))
      if (chatId !== null && kept) this.#kept.set(chatId, kept)
    }
  }

  of(chatId: number): Draft {
    return this.#kept.get(chatId)?.typed ?? EMPTY
  }

  /** Is there anything typed for the customer? Lists show it as "Draft". */
  waits(chatId: number): boolean {
    return this.of(chatId).reply.trim() !== ''
  }

  keep(chatId: number, change: Partial<Draft>): void {
    const { told } = this.#get(chatId)
    this.#put(chatId, { typed: { ...this.of(chatId), ...change }, told })
    for (const mode of MODES) if (change[mode] !== undefined) this.#tellSoon(chatId, mode, change[mode] === '' ? 0 : TELL_AFTER)
  }

  /** Put back what the server would not take, before anything typed since. */
  giveBack(chatId: number, mode: DraftMode, text: string): void {
    const typed = this.of(chatId)[mode]
    this.keep(chatId, { [mode]: typed === '' ? text : `${text}\n${typed}` })
  }

  /** The server has said what it has of this chat. */
  adopt(chatId: number, server: Draft): void {
    const { typed, told } = this.#get(chatId)
    const untouched = (mode: DraftMode) => typed[mode] === told[mode]
    const pick = (mode: DraftMode) => (untouched(mode) ? server[mode] : typed[mode])
    this.#put(chatId, { typed: { reply: pick('reply'), note: pick('note') }, told: server })
    for (const mode of MODES) this.#tellSoon(chatId, mode, 0)
  }

  #tellSoon(chatId: number, mode: DraftMode, after: number): void {
    const key = `${chatId}/${mode}`
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
    const differs = () => this.#get(chatId).typed[mode] !== this.#get(chatId).told[mode]
    if (!differs()) return
    this.#timers.set(key, setTimeout(() => {
      this.#timers.delete(key)
      if (differs()) void this.#tellNow(chatId, mode)
    }, after))
  }

  async #tellNow(chatId: number, mode: DraftMode): Promise<void> {
    const text = this.of(chatId)[mode]
    if (!(await this.tell(chatId, mode, text))) return
    const { typed, told } = this.#get(chatId)
    this.#put(chatId, { typed, told: { ...told, [mode]: text } })
  }

  #get(chatId: number): Kept {
    return this.#kept.get(chatId) ?? { typed: EMPTY, told: EMPTY }
  }

  #put(chatId: number, kept: Kept): void {
    const nothing = MODES.every(mode => kept.typed[mode] === '' && kept.told[mode] === '')
    if (nothing) {
      this.#kept.delete(chatId)
      this.storage.removeItem(this.#key(chatId))
    } else {
      this.#kept.set(chatId, kept)
      this.storage.setItem(this.#key(chatId), JSON.stringify({ ...kept.typed, told: kept.told }))
    }
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

function parse(stored: string | null): Kept | null {
  try {
    const { told, ...typed } = JSON.parse(stored ?? '') as Partial<Draft> & { told?: Partial<Draft> }
    return { typed: texts(typed), told: texts(told ?? {}) }
  } catch {
    return null
  }
}

const texts = ({ reply = '', note = '' }: Partial<Draft>): Draft => ({ reply: String(reply), note: String(note) })
