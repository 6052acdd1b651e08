/**
 * A map whose readers are told when anything in it changes. A handful of chats does not need `SvelteMap`'s care for each
 * key, which every visitor would have to fetch.
 */
export class Watched<K, V> extends Map<K, V> {
  #changes = $state(0)

  override get(key: K): V | undefined {
    return this.#changes >= 0 ? super.get(key) : undefined
  }

  override has(key: K): boolean {
    return this.#changes >= 0 && super.has(key)
  }

  override values(): MapIterator<V> {
    return this.#changes >= 0 ? super.values() : new Map<K, V>().values()
  }

  override set(key: K, value: V): this {
    super.set(key, value)
    this.#changes += 1
    return this
  }

  override clear(): void {
    super.clear()
    this.#changes += 1
  }
}
