/** E-mail addresses in what people write. */
import type { MessageOut } from '#shared/wire.gen'

const ADDRESS = /[^\s@<>()[\],;:"']+@[^\s@<>()[\],;:"']+\.[\p{L}\d-]{2,}/u

/** The address a customer named last; empty where they named none. */
export function addressSaid(messages: readonly MessageOut[]): string {
  for (const message of messages.toReversed()) {
    if (message.author.kind !== 'customer' || message.deleted_at !== null) continue
    const found = ADDRESS.exec(message.body)
    if (found) return found[0]
  }
  return ''
}
