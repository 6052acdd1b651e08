/** How far a message of ours has got. */
import type { ChatOut, MessageOut } from '#shared/wire.gen'

export type Tick = 'sent' | 'delivered' | 'read'

/** Null where there is nothing to say: notes, and other people's words. */
export function tick(message: MessageOut, chat: Pick<ChatOut, 'customer_read_seq' | 'customer_delivered_seq'>): Tick | null {
  if (message.author.kind !== 'agent' || message.pub_seq === null) return null
  if (message.pub_seq <= chat.customer_read_seq) return 'read'
  return message.pub_seq <= chat.customer_delivered_seq ? 'delivered' : 'sent'
}
