/** A few flags kept in the page's own storage. Pages that forbid storage only lose the remembering. */
export class Memory {
  constructor(
    private readonly key: string,
    private readonly storage: () => Storage
  ) {}

  has(flag: string): boolean {
    try {
      return this.storage().getItem(this.name(flag)) !== null
    } catch {
      return false
    }
  }

  set(flag: string, on: boolean): void {
    try {
      if (on) this.storage().setItem(this.name(flag), '1')
      else this.storage().removeItem(this.name(flag))
    } catch {
      // Private windows and locked-down pages: nothing is remembered, everything still works.
    }
  }

  private name(flag: string): string {
    return `parley:${this.key}:${flag}`
  }
}
