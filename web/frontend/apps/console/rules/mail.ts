/** What stands beside a message that came as a mail. */
import type { MessageOut } from '#shared/wire.gen'

export interface MailNote {
  subject: string
  from: string
  /** What the mail answers to, folded away. */
  quoted: string
  /** Whether the mailbox’s own server vouches for the address. */
  sender: 'passed' | 'failed' | 'unknown'
  /** How it says so: `dmarc=pass`, … */
  checks: string
  /** Pictures that would have been loaded from elsewhere. */
  remoteImages: number
  broken: boolean
  /** The address of the contact form by which it came; empty for a mail of their own. */
  form: string
}

const KEPT_MS = 30 * 86_400_000

/** Where a mail lies as it came; null when it is not kept any more. */
export const originalOf = ({ id, chat_id: chatId, created_at: at }: Pick<MessageOut, 'id' | 'chat_id' | 'created_at'>, nowMs: number): string | null =>
  nowMs - Date.parse(at) < KEPT_MS ? `/api/chats/${chatId}/messages/${id}/original` : null

const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** Null for whatever came another way. */
export function mailNote(channel: Readonly<Record<string, unknown>> | undefined): MailNote | null {
  if (channel?.['kind'] !== 'email') return null
  const { subject, from, quoted, sender, checks, remote_images: images, broken, form } = channel
  return {
    subject: text(subject),
    from: text(from),
    quoted: text(quoted),
    sender: sender === 'passed' || sender === 'failed' ? sender : 'unknown',
    checks: typeof checks === 'object' && checks !== null ? Object.entries(checks).map(each => each.join('=')).join(' · ') : '',
    remoteImages: typeof images === 'number' ? images : 0,
    broken: broken === true,
    form: text(form)
  }
}
