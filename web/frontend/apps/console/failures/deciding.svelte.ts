/** A decision on its way: refused in words, and sent again over what somebody else decided if one insists. */
import type { ErrorOut } from '#shared/wire.gen'
import { problemOf } from '../data/problem'
import { refusalOf } from './words'

export class Deciding {
  busy = $state(false)
  error = $state.raw<ErrorOut | null>(null)
  #version: number | null

  /** @param version of the cluster as it was last seen; null for a single failure */
  constructor(version: number | null) {
    this.#version = version
  }

  get complaint(): string {
    return this.error ? refusalOf(this.error) : ''
  }

  /** Somebody decided meanwhile: it can be sent again, now that one knows. */
  get clashed(): boolean {
    return this.error?.code === 'cluster_changed'
  }

  forgive = (): void => {
    this.error = null
  }

  /** Whether it is done. */
  async send(ask: (version: number | null) => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    this.error = null
    try {
      await ask(this.#version)
      return true
    } catch (thrown) {
      const error = problemOf(thrown)
      if (error.code === 'cluster_changed') this.#version = error.version ?? null
      this.error = error
      return false
    } finally {
      this.busy = false
    }
  }
}
