/**
 * What a visitor's browser keeps for one site, in the frame's own storage: the embedding page cannot read it.
 * Where frames of other sites may store nothing, as in private windows, it is kept while the page lives: the next load
 * begins as a fresh visitor, nothing worse.
 */
export interface Keep {
  token: string | null
  /** What is being written and has not been sent. */
  draft: string
  /** How far the visitor has read, per chat. */
  seen(chatId: number): number | null
  see(chatId: number, seq: number): void
}

export class BrowserKeep implements Keep {
  private readonly here = new Map<string, string | null>()

  constructor(private readonly siteKey: string) {}

  get token(): string | null {
    return this.read('token')
  }

  set token(token: string | null) {
    this.write('token', token)
  }

  get draft(): string {
    return this.read('draft') ?? ''
  }

  set draft(draft: string) {
    this.write('draft', draft || null)
  }

  seen(chatId: number): number | null {
    const [chat, seq] = (this.read('seen') ?? '').split(':').map(Number)
    return chat === chatId && Number.isSafeInteger(seq) ? seq! : null
  }

  see(chatId: number, seq: number): void {
    this.write('seen', `${chatId}:${seq}`)
  }

  private read(name: string): string | null {
    try {
      return localStorage.getItem(this.nameOf(name))
    } catch {
      return this.here.get(name) ?? null
    }
  }

  private write(name: string, value: string | null): void {
    try {
      if (value === null) localStorage.removeItem(this.nameOf(name))
      else localStorage.setItem(this.nameOf(name), value)
    } catch {
      this.here.set(name, value)
    }
  }

  private nameOf(name: string): string {
    return `parley:${this.siteKey}:${name}`
  }
}
