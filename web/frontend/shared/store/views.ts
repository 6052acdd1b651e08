/** How the console and the visitor read a chat: whose counter, and what follows from a message or a receipt. */
import type { ChatOut, MessageOut, Receipt, VisitorChat, VisitorMessage } from '../wire.gen'
import { corrected, isCorrection } from './corrections'
import type { View } from './thread'

/** Characters of a message that a list row keeps, as on the server. */
const LAST_BODY = 200

export const consoleView: View<ChatOut, MessageOut> = {
  chatSeq: chat => chat.all_seq,
  messageSeq: message => message.all_seq,
  corrected,

  withMessage(chat, message) {
    const counted = { ...chat, all_seq: message.all_seq, pub_seq: message.pub_seq ?? chat.pub_seq }
    if (isCorrection(message)) return withUnread({ ...counted, agent_read_seq: readBeside(chat, counted.pub_seq) })
    return withUnread(message.kind === 'text' ? afterWords(counted, message) : counted)
  },

  withReceipt(chat, receipt) {
    if (receipt.side === 'agent') {
      return withUnread({ ...chat, agent_read_seq: Math.max(chat.agent_read_seq, receipt.read_seq) })
    }
    return {
      ...chat,
      customer_read_seq: Math.max(chat.customer_read_seq, receipt.read_seq),
      customer_delivered_seq: Math.max(chat.customer_delivered_seq, receipt.delivered_seq)
    }
  },

  withReceiptsOf: (chat, other) =>
    withUnread({
      ...chat,
      agent_read_seq: Math.max(chat.agent_read_seq, other.agent_read_seq),
      customer_read_seq: Math.max(chat.customer_read_seq, other.customer_read_seq),
      customer_delivered_seq: Math.max(chat.customer_delivered_seq, other.customer_delivered_seq)
    })
}

/** A correction is nothing to be read: who has read everything still has. The chat itself comes anew with it. */
function readBeside(chat: ChatOut | VisitorChat, pubSeq: number): number {
  return chat.agent_read_seq === chat.pub_seq ? pubSeq : chat.agent_read_seq
}

/** What words said to the other side change. Who writes has read everything before, as the server has it too. */
function afterWords(chat: ChatOut, message: MessageOut): ChatOut {
  const { kind, id } = message.author
  const seq = chat.pub_seq
  const body = [...message.body].slice(0, LAST_BODY).join('')
  const next = { ...chat, last_message: { author_kind: kind, author_id: id, body, at: message.created_at } }
  if (kind === 'agent') {
    return { ...next, agent_read_seq: seq, first_replied_at: chat.first_replied_at ?? message.created_at }
  }
  return kind === 'customer' ? { ...next, customer_read_seq: seq, customer_delivered_seq: seq } : next
}

/** What the owner has not read; a chat that nobody owns is unread by nobody. */
function withUnread(chat: ChatOut): ChatOut {
  return { ...chat, unread: chat.owner === null ? 0 : Math.max(0, chat.pub_seq - chat.agent_read_seq) }
}

export const visitorView: View<VisitorChat, VisitorMessage> = {
  chatSeq: chat => chat.pub_seq,
  messageSeq: message => message.pub_seq,
  corrected,
  withMessage: (chat, message) => ({
    ...chat,
    pub_seq: message.pub_seq,
    agent_read_seq: isCorrection(message)
      ? readBeside(chat, message.pub_seq)
      : message.kind === 'text' && message.author.kind === 'agent'
        ? message.pub_seq
        : chat.agent_read_seq
  }),
  withReceipt: (chat: VisitorChat, receipt: Receipt) =>
    receipt.side === 'agent' ? { ...chat, agent_read_seq: Math.max(chat.agent_read_seq, receipt.read_seq) } : chat,
  withReceiptsOf: (chat, other) => ({ ...chat, agent_read_seq: Math.max(chat.agent_read_seq, other.agent_read_seq) })
}
