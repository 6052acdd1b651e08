/** What every screen of the signed-in console can reach. */
import type { Toasts } from '#shared/kit/toasts.svelte'
import { createContext } from 'svelte'
import type { Actions } from './data/actions.svelte'
import type { Console } from './data/console.svelte'
import type { Layers } from './data/layers.svelte'
import type { Selection } from './data/selection.svelte'
import type { Session } from './data/session.svelte'

export interface Frame {
  session: Session
  console: Console
  actions: Actions
  toasts: Toasts
  layers: Layers
  /** Rows chosen to do one thing to all of them. */
  selection: Selection
}

export const [getFrame, setFrame] = createContext<Frame>()
