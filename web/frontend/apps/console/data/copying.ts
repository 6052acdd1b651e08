/** What is copied for somebody: they are told that it was, or that the browser does not allow it, as on a page without TLS. */
import type { Toasts } from '#shared/kit/toasts.svelte'

export async function copyText(text: string, toasts: Toasts, said: { copied: string; refused: string }): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toasts.show(said.copied, { tone: 'ok' })
  } catch {
    toasts.show(said.refused, { tone: 'bad' })
  }
}
