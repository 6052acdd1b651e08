/** How far a message of ours has got. */
import type { ChatOut, DeliveryOut, MessageOut } from '#shared/wire.gen'

export type Tick = 'sending' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown'

const ON_THE_WAY: Record<DeliveryOut['state'], Tick> = {
  queued: 'sending', claimed: 'sending', sent: 'sent', delivered: 'delivered', read: 'read', failed: 'failed', unknown: 'unknown', dead: 'failed'
}

/** How far a message is that goes out by a channel. Null for what goes to the website. */
export const way = (message: MessageOut): Tick | null => (message.delivery ? ON_THE_WAY[message.delivery.state] : null)

/** Null where there is nothing to say: notes, and other people's words. */
export function tick(message: MessageOut, chat: Pick<ChatOut, 'customer_read_seq' | 'customer_delivered_seq'>): Tick | null {
  if (message.delivery) return way(message)
  if (message.author.kind !== 'agent' || message.pub_seq === null) return null
  if (message.pub_seq <= chat.customer_read_seq) return 'read'
  return message.pub_seq <= chat.customer_delivered_seq ? 'delivered' : 'sent'
}
