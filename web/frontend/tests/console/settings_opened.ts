/** The settings, opened at one of their pages on a desk that answers what a test says. */
import { Toasts } from '#shared/kit/toasts.svelte'
import type { Api } from '#shared/api'
import { fireEvent, render, screen } from '@testing-library/svelte'
import { tick, type Component } from 'svelte'
import { vi } from 'vitest'
import type { Frame } from '../../apps/console/context'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import { createServer } from '../../apps/console/data/server'
import type { Session } from '../../apps/console/data/session.svelte'
import { goToSettings } from '../../apps/console/place.svelte'
import SettingsPage from '../../apps/console/settings/SettingsPage.svelte'
import Framed from './Framed.svelte'
import { me } from './fixtures'
import { standInConsole } from './stand_ins'

export const SUPERVISES = ['chat.read', 'chat.answer', 'chat.supervise', 'history.read', 'desk.edit']

/** Until what was asked for is answered and drawn. */
export const settle = async () => {
  for (let i = 0; i < 8; i++) await tick()
}

/** By its words: roles are looked up slowly in a page as large as these. */
export async function press(words: string) {
  await fireEvent.click(screen.getByText(words).closest('button')!)
  await settle()
}

/** Answers what the paths say; everything else is there and empty. */
function standInApi(answers: Record<string, unknown>) {
  const calls: { method: string; path: string; body: unknown }[] = []
  const call = (method: string) => async (path: string, body?: unknown) => {
    calls.push({ method, path, body })
    const answer = answers[`${method} ${path}`]
    if (answer instanceof Error) throw answer
    return typeof answer === 'function' ? (answer as (body: unknown) => unknown)(body) : (answer ?? { items: [] })
  }
  const api = { get: call('GET'), post: call('POST'), put: call('PUT'), patch: call('PATCH'), delete: call('DELETE') }
  return { api: api as unknown as Api, calls, of: (method: string) => calls.filter(each => each.method === method) }
}

let leave = () => undefined as void

/** Before a test: nowhere in particular. After it: nothing is open. */
export const nowhere = () => history.replaceState(null, '', '/settings')
export function leaveSettings() {
  leave()
  leave = () => undefined
}

export async function openSettings(place: [page: string, item?: number], answers: Record<string, unknown>, permissions = SUPERVISES) {
  vi.stubGlobal('matchMedia', () => ({ matches: true, addEventListener: () => undefined, removeEventListener: () => undefined }))
  const server = standInApi(answers)
  const { templates, readTemplates } = createServer(server.api)
  const { console, tell } = standInConsole([], { me: me({ permissions }), server: { api: server.api, templates, readTemplates } })
  const toasts = new Toasts()
  const frame: Frame = { session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection() }
  goToSettings(...place)
  const { unmount } = render(Framed, { props: { frame, screen: SettingsPage as unknown as Component<Record<string, unknown>>, given: {} } })
  leave = unmount
  await settle()
  return { ...server, frame, tell, answers }
}
