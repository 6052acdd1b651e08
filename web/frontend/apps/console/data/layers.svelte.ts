/** What lies above the page now. One dialog at a time. */
import type { AttachmentOut, ChatOut, CustomerOut, JoinOut, MessageOut, PromiseOut } from '#shared/wire.gen'
import { MediaQuery } from 'svelte/reactivity'
import { prefs } from './prefs.svelte'

export type Layer =
  | { kind: 'palette' }
  | { kind: 'keys' }
  | { kind: 'end'; chat: ChatOut }
  | { kind: 'reason'; chat: ChatOut }
  | { kind: 'assign'; chat: ChatOut }
  | { kind: 'return'; chat: ChatOut }
  | { kind: 'block'; customer: CustomerOut }
  | { kind: 'erase'; customer: { id: number; name: string } }
  | { kind: 'transcript'; chat: ChatOut; email: string }
  | { kind: 'confirm_address'; chat: ChatOut; email: string }
  | { kind: 'separate'; customer: CustomerOut; join: JoinOut }
  | { kind: 'template'; chat: ChatOut }
  | { kind: 'tag'; chats: readonly ChatOut[]; ondone: () => void }
  | { kind: 'takeover'; chat: ChatOut }
  | { kind: 'move'; chat: ChatOut }
  | { kind: 'assignments'; chat: ChatOut }
  | { kind: 'follow_up'; chat: ChatOut }
  | { kind: 'escalate'; chat: ChatOut }
  | { kind: 'reject'; chat: ChatOut }
  | { kind: 'offers'; chat: ChatOut }
  | { kind: 'extend'; promise: PromiseOut }
  | { kind: 'delete'; message: MessageOut }
  | { kind: 'versions'; message: MessageOut }
  | { kind: 'image'; chatId: number; images: readonly AttachmentOut[]; first: number }
  | { kind: 'leave'; purpose: 'offline' | 'sign_out' }

export class Layers {
  readonly #wide = new MediaQuery('min-width: 1280px')
  top = $state.raw<Layer | null>(null)
  /** The details panel where it has no column of its own. */
  details = $state(false)
  /** Raised to ask the details panel for its tag field. */
  tagging = $state(false)
  /** What the composer writes, and a counter that asks it to take the focus. */
  composer = $state<{ mode: 'reply' | 'note'; wanted: number }>({ mode: 'reply', wanted: 0 })

  /** Raised to ask the composer for its file dialog. */
  attaching = $state(0)

  /** Raised to ask for the other way of reading a chat of the history. */
  turning = $state(0)

  show = (layer: Layer): void => void (this.top = layer)
  /** A layer closes itself alone: by the time a dialog says that it is closed, another may have been opened. */
  close = (layer: Layer): void => {
    if (this.top === layer) this.top = null
  }

  get detailsShown(): boolean {
    return this.#wide.current ? prefs.details : this.details
  }

  /** Where there is room for a column it is kept for next time; elsewhere the panel lies over the chat for now. */
  toggleDetails = (): void => {
    if (this.#wide.current) prefs.details = !prefs.details
    else this.details = !this.details
  }

  /** The tags stand among the details, so those come first. */
  tag = (): void => {
    if (!this.detailsShown) this.toggleDetails()
    this.tagging = true
  }

  /** Another chat is on the screen: nothing that was meant for the last one stays. */
  turnPage = (): void => {
    this.details = false
    this.composer = { ...this.composer, mode: 'reply' }
  }

  write = (mode: 'reply' | 'note'): void => {
    this.composer = { mode, wanted: this.composer.wanted + 1 }
  }
}
