/** What stands beside a message that came as a mail. */

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
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** Null for whatever came another way. */
export function mailNote(channel: Readonly<Record<string, unknown>> | undefined): MailNote | null {
  if (channel?.['kind'] !== 'email') return null
  const { subject, from, quoted, sender, checks, remote_images: images, broken } = channel
  return {
    subject: text(subject),
    from: text(from),
    quoted: text(quoted),
    sender: sender === 'passed' || sender === 'failed' ? sender : 'unknown',
    checks: typeof checks === 'object' && checks !== null ? Object.entries(checks).map(each => each.join('=')).join(' · ') : '',
    remoteImages: typeof images === 'number' ? images : 0,
    broken: broken === true
  }
}
