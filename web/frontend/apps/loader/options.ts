/** What the script tag says: `data-key` is required, the rest has defaults. */
export interface Options {
  key: string
  /** The desk's own address, with a slash at its end: where the script came from. */
  base: string
  side: 'left' | 'right'
  theme: 'light' | 'dark' | null
  startOpen: boolean
}

export function readOptions(script: HTMLScriptElement): Options | null {
  const { key, side, theme, open } = script.dataset
  if (!key) return null
  return {
    key,
    base: new URL('.', script.src).href,
    side: side === 'left' ? 'left' : 'right',
    theme: theme === 'light' || theme === 'dark' ? theme : null,
    startOpen: open !== undefined && open !== 'false'
  }
}
