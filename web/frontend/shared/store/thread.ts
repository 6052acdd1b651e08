/**
 * One chat as this screen knows it, and what each piece of news makes of it.
 *
 * Everything here is a pure function from thread and news to thread, generic over the counter of the side that looks:
 * `all_seq` on the console, `pub_seq` at the visitor's. News may come twice, late and in any order; the rules are
 * - a message is applied when its number is the next one, dropped when it was applied, kept aside when it is early;
 * - a chat is replaced by the one with the higher (version, counter), and what it cannot know yet is derived from the
 *   messages that came after it;
 * - an edit or a deletion is an entry of its own, and changes the message it names;
 * - receipts only grow.
 */
import type { Receipt } from '../wire.gen'

export interface NumberedChat {
  readonly id: number
  readonly version: number
}

export interface NumberedMessage {
  readonly id: number
  readonly chat_id: number
}

/** How one side reads chats and messages. */
export interface View<C extends NumberedChat, M extends NumberedMessage> {
  chatSeq(chat: C): number
  /** Null for an entry that this side does not count. */
  messageSeq(message: M): number | null
  /** The chat after a message that follows it directly. */
  withMessage(chat: C, message: M): C
  withReceipt(chat: C, receipt: Receipt): C
  /** The messages, with the edits and deletions that others among them tell of. */
  corrected(messages: readonly M[]): readonly M[]
  /** `chat`, with the receipts of whichever of the two has got further. */
  withReceiptsOf(chat: C, other: C): C
}

export interface Thread<C extends NumberedChat, M extends NumberedMessage> {
  readonly id: number
  /** Null while only messages of it have been heard. */
  readonly chat: C | null
  /** A run without holes, ascending: the numbers above `floor` up to `applied`. */
  readonly messages: readonly M[]
  readonly floor: number
  readonly applied: number
  /** Came before their turn; ascending, all above `applied + 1`. */
  readonly early: readonly M[]
  /** The highest number and version anybody has told us of. */
  readonly head: { readonly seq: number; readonly version: number }
}

export function newThread<C extends NumberedChat, M extends NumberedMessage>(id: number, applied: number): Thread<C, M> {
  return { id, chat: null, messages: [], floor: applied, applied, early: [], head: { seq: applied, version: 0 } }
}

/** Positive when `a` knows more than `b`. */
export function compareChats<C extends NumberedChat, M extends NumberedMessage>(view: View<C, M>, a: C, b: C): number {
  return a.version - b.version || view.chatSeq(a) - view.chatSeq(b)
}

export function withChat<C extends NumberedChat, M extends NumberedMessage>(
  view: View<C, M>,
  thread: Thread<C, M>,
  chat: C
): Thread<C, M> {
  const known = thread.chat
  const stale = known !== null && compareChats(view, chat, known) < 0
  const chosen = known === null ? chat : stale ? view.withReceiptsOf(known, chat) : view.withReceiptsOf(chat, known)
  return caughtUp(view, { ...thread, chat: chosen, head: higher(thread.head, view.chatSeq(chat), chat.version) })
}

export function withMessage<C extends NumberedChat, M extends NumberedMessage>(
  view: View<C, M>,
  thread: Thread<C, M>,
  message: M
): Thread<C, M> {
  const seq = view.messageSeq(message)
  if (seq === null || seq <= thread.applied || thread.early.some(each => view.messageSeq(each) === seq)) return thread
  const early = [...thread.early, message].toSorted(by(view))
  return caughtUp(view, { ...thread, early, head: higher(thread.head, seq, 0) })
}

/**
 * Messages fetched: the answer to a sync, the newest page, or an older one.
 *
 * They are joined to the run where they touch it. A page that begins beyond it replaces it, for a run has no holes.
 */
export function withPage<C extends NumberedChat, M extends NumberedMessage>(
  view: View<C, M>,
  thread: Thread<C, M>,
  page: readonly M[]
): Thread<C, M> {
  const fresh = page.filter(each => view.messageSeq(each) !== null).toSorted(by(view))
  const [first, last] = [fresh[0], fresh.at(-1)]
  if (first === undefined || last === undefined) return thread
  const from = view.messageSeq(first)!
  const to = view.messageSeq(last)!
  if (to < thread.floor) return thread

  const joins = from <= thread.applied + 1
  const head = higher(thread.head, to, 0)
  if (!joins) return caughtUp(view, { ...thread, messages: fresh, floor: from - 1, applied: to, head })
  const known = new Map(thread.messages.map(each => [view.messageSeq(each), each]))
  for (const each of fresh) if (!known.has(view.messageSeq(each))) known.set(view.messageSeq(each), each)
  return caughtUp(view, {
    ...thread,
    messages: [...known.values()].toSorted(by(view)),
    floor: Math.min(thread.floor, from - 1),
    applied: Math.max(thread.applied, to),
    head
  })
}

export function withReceipt<C extends NumberedChat, M extends NumberedMessage>(
  view: View<C, M>,
  thread: Thread<C, M>,
  receipt: Receipt
): Thread<C, M> {
  return thread.chat === null ? thread : { ...thread, chat: view.withReceipt(thread.chat, receipt) }
}

/** The message of this number as `change` makes it; no other, and none that is not here. */
export function withChanged<C extends NumberedChat, M extends NumberedMessage>(
  thread: Thread<C, M>,
  id: number,
  change: (message: M) => M
): Thread<C, M> {
  const changed = (each: M) => (each.id === id ? change(each) : each)
  return { ...thread, messages: thread.messages.map(changed), early: thread.early.map(changed) }
}

export function withHead<C extends NumberedChat, M extends NumberedMessage>(
  thread: Thread<C, M>,
  seq: number,
  version: number
): Thread<C, M> {
  const head = higher(thread.head, seq, version)
  return head === thread.head ? thread : { ...thread, head }
}

/** Let go of the messages and go on from what the chat itself counts. For a chat that nobody is looking at. */
export function withoutMessages<C extends NumberedChat, M extends NumberedMessage>(
  view: View<C, M>,
  thread: Thread<C, M>
): Thread<C, M> {
  if (thread.chat === null) return thread
  const seq = view.chatSeq(thread.chat)
  const early = thread.early.filter(each => view.messageSeq(each)! > seq)
  return caughtUp(view, { ...thread, messages: [], floor: seq, applied: seq, early })
}

/** Apply what was early and is now due, then bring the chat up to the messages. */
function caughtUp<C extends NumberedChat, M extends NumberedMessage>(view: View<C, M>, thread: Thread<C, M>): Thread<C, M> {
  const messages = [...thread.messages]
  const early: M[] = []
  let applied = thread.applied
  for (const message of thread.early) {
    const seq = view.messageSeq(message)!
    if (seq > applied + 1) early.push(message)
    if (seq !== applied + 1) continue
    messages.push(message)
    applied = seq
  }

  let chat = thread.chat
  for (const message of messages) {
    if (chat !== null && view.messageSeq(message) === view.chatSeq(chat) + 1) chat = view.withMessage(chat, message)
  }
  return { ...thread, chat, messages: view.corrected(messages), applied, early }
}

function by<C extends NumberedChat, M extends NumberedMessage>(view: View<C, M>) {
  return (a: M, b: M) => view.messageSeq(a)! - view.messageSeq(b)!
}

function higher(head: { seq: number; version: number }, seq: number, version: number) {
  if (seq <= head.seq && version <= head.version) return head
  return { seq: Math.max(head.seq, seq), version: Math.max(head.version, version) }
}
