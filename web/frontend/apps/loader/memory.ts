/** A few flags in the page's own storage. Pages that forbid storage only lose the remembering. */
export interface Memory {
  has(flag: string): boolean
  set(flag: string, on: boolean): void
}

export function memoryFor(key: string): Memory {
  const prefix = `parley:${key}:`
  return {
    has(flag) {
      try {
        return prefix + flag in localStorage
      } catch {
        return false
      }
    },
    set(flag, on) {
      try {
        if (on) localStorage[prefix + flag] = 1
        else delete localStorage[prefix + flag]
      } catch {
        // Private windows and locked-down pages: nothing is remembered, everything still works.
      }
    }
  }
}
