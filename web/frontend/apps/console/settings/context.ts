/** What every page of the settings can reach beside the console's own frame. */
import { createContext } from 'svelte'
import type { Admin } from './admin'

export const [getAdmin, setAdmin] = createContext<Admin>()
