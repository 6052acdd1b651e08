/** A short list that seldom changes: fetched when first needed, and again when it is told that it changed. */
export class Catalogue<T> {
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle')
  items = $state.raw<readonly T[]>([])

  constructor(private readonly fetch: () => Promise<{ items: T[] }>) {}

  async need(): Promise<void> {
    if (this.state === 'loading' || this.state === 'ready') return
    this.state = 'loading'
    await this.#load()
  }

  /** It was edited: whoever has it reads it again, and the old one serves until then. */
  async again(): Promise<void> {
    if (this.state !== 'idle') await this.#load()
  }

  async #load(): Promise<void> {
    try {
      this.items = (await this.fetch()).items
      this.state = 'ready'
    } catch {
      if (this.state === 'loading') this.state = 'failed'
    }
  }
}
