/** What an agent has chosen for this device. */
import { DEFAULT_CALLING, readCalling, type Calling } from '../rules/calls'

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'parley.prefs'

interface Kept {
  theme: Theme
  sound: boolean
  notify: boolean
  calling: Calling
  singleKeys: boolean
  details: boolean
  folded: string[]
}

export class Prefs {
  theme = $state<Theme>('system')
  /** Any sound at all, and any browser notification at all: the choices of `calling` count only where these are on. */
  sound = $state(true)
  notify = $state(false)
  /** How one is called back to the desk, and by what. */
  calling = $state<Calling>(structuredClone(DEFAULT_CALLING))
  /** Shortcuts of one key without a modifier; some people must be able to turn them off. */
  singleKeys = $state(true)
  details = $state(true)
  /** Sections of the details panel that are folded away, by name. */
  folded = $state.raw<readonly string[]>([])

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage) {
    const { theme, sound, notify, calling, singleKeys, details, folded } = this.#read()
    if (theme === 'light' || theme === 'dark') this.theme = theme
    this.sound = sound ?? true
    this.notify = notify ?? false
    this.calling = readCalling(calling)
    this.singleKeys = singleKeys ?? true
    this.details = details ?? true
    this.folded = Array.isArray(folded) ? folded.filter(each => typeof each === 'string') : []
  }

  isFolded = (section: string): boolean => this.folded.includes(section)

  fold(section: string, folded: boolean): void {
    if (this.isFolded(section) === folded) return
    this.folded = folded ? [...this.folded, section] : this.folded.filter(each => each !== section)
  }

  /** Write every change down, and show the theme. Call inside an effect's reach. */
  keep(): void {
    $effect(() => this.write())
    $effect(() => {
      if (this.theme === 'system') delete document.documentElement.dataset['theme']
      else document.documentElement.dataset['theme'] = this.theme
    })
  }

  write(): void {
    const { theme, sound, notify, calling, singleKeys, details, folded } = this
    const kept: Kept = { theme, sound, notify, calling, singleKeys, details, folded: [...folded] }
    this.storage.setItem(KEY, JSON.stringify(kept))
  }

  #read(): Partial<Kept> {
    try {
      const kept: unknown = JSON.parse(this.storage.getItem(KEY) ?? '{}')
      return typeof kept === 'object' && kept !== null ? kept : {}
    } catch {
      return {} // Something else kept it: the defaults serve.
    }
  }
}

export const prefs = new Prefs()
