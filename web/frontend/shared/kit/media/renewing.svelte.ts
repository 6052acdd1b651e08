/**
 * A stored file whose signed links expire. When one no longer works, fresh ones are asked for, once; what fails then, fails.
 */
import type { AttachmentOut } from '../../wire.gen'

export type Renew = (attachmentId: number) => Promise<AttachmentOut>

/** Seconds since 1970 in the third part of `/media/<token>/<variant>/<expiry>/<signature>/<name>`. */
const EXPIRY = /\/media\/[^/]+\/[^/]+\/(\d{9,11})\//

export function expired(url: string, now = Date.now()): boolean {
  const until = EXPIRY.exec(url)?.[1]
  return until !== undefined && Number(until) * 1000 <= now
}

export class Renewing {
  file = $state.raw<AttachmentOut>()!
  state = $state<'as_told' | 'renewing' | 'renewed' | 'failed'>('as_told')

  constructor(
    told: AttachmentOut,
    private readonly renew: Renew | undefined
  ) {
    this.file = told
  }

  /** A link did not work. */
  broken = (): void => {
    if (this.state === 'as_told') void this.#again()
    else if (this.state === 'renewed') this.state = 'failed'
  }

  /** For what the browser opens by itself and would fail out of our sight: an address that works now. */
  async working(): Promise<string> {
    if (expired(this.file.url) && this.state !== 'failed') await this.#again()
    return this.file.url
  }

  async #again(): Promise<void> {
    if (!this.renew) return void (this.state = 'failed')
    this.state = 'renewing'
    try {
      this.file = await this.renew(this.file.id)
      this.state = 'renewed'
    } catch {
      this.state = 'failed'
    }
  }
}
