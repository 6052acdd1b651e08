/** What an end reason is called: the product's five in the reader's language, a desk's own as the desk wrote it. */
import type { EndReasonOut } from '#shared/wire.gen'
import { has, t } from '../i18n'

let own = $state.raw<Readonly<Record<string, string>>>({})

/** Remember the labels of the desk's list. Called whenever it is fetched. */
export function learnReasons(items: readonly EndReasonOut[]): void {
  own = Object.fromEntries(items.map(each => [each.code, each.label]))
}

/** In full, as it is offered where a chat is ended. */
export function reasonTitle({ code, builtin, label }: EndReasonOut): string {
  const key = `end.${code}`
  return builtin && has(key) ? t(key as 'end.other') : label
}

export function reasonLabel(code: string): string {
  const key = `reason.${code}`
  return has(key) ? t(key) : (own[code] ?? code)
}
