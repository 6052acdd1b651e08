/** What an agent has chosen for this device. */

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'parley.prefs'

class Prefs {
  theme = $state<Theme>('system')
  sound = $state(true)
  notify = $state(false)
  /** Shortcuts of one key without a modifier; some people must be able to turn them off. */
  singleKeys = $state(true)
  details = $state(true)

  constructor() {
    try {
      const { theme, sound, notify, singleKeys, details } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Prefs>
      if (theme === 'light' || theme === 'dark') this.theme = theme
      this.sound = sound ?? true
      this.notify = notify ?? false
      this.singleKeys = singleKeys ?? true
      this.details = details ?? true
    } catch {
      // Nothing kept, or something else kept it: the defaults serve.
    }
  }

  /** Write every change down, and show the theme. Call inside an effect's reach. */
  keep(): void {
    $effect(() => {
      const { theme, sound, notify, singleKeys, details } = this
      localStorage.setItem(KEY, JSON.stringify({ theme, sound, notify, singleKeys, details }))
    })
    $effect(() => {
      if (this.theme === 'system') delete document.documentElement.dataset['theme']
      else document.documentElement.dataset['theme'] = this.theme
    })
  }
}

export const prefs = new Prefs()
