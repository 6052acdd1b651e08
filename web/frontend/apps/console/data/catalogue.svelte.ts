/** A short list that seldom changes: fetched when first needed, once per visit. */
export class Catalogue<T> {
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle')
  items = $state.raw<readonly T[]>([])

  constructor(private readonly fetch: () => Promise<{ items: T[] }>) {}

  async need(): Promise<void> {
    if (this.state === 'loading' || this.state === 'ready') return
    this.state = 'loading'
    try {
      this.items = (await this.fetch()).items
      this.state = 'ready'
    } catch {
      this.state = 'failed'
    }
  }
}
