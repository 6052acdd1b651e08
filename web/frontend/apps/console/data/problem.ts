/** Refusals as the console speaks of them: one code, one plain sentence. */
import { ApiError } from '#shared/api'
import type { ErrorOut } from '#shared/wire.gen'
import { has, t, type Key } from '../i18n'

/** What was refused and why, whatever was thrown. A fault of ours is `unknown`, never silence. */
export function problemOf(thrown: unknown): ErrorOut {
  if (thrown instanceof ApiError) return thrown.error
  console.error(thrown)
  return { code: 'unknown', message: '' }
}

/** The sentence of our own catalogue, else the server's, else that it did not work. */
export function sentenceOf(error: ErrorOut): string {
  if (error.code === 'already_taken') return error.by ? t('error.already_taken', { name: error.by.name }) : t('error.state_conflict')
  const key = `error.${error.code}${error.code === 'offer_closed' && error.how ? `_${error.how}` : ''}`
  return has(key) ? t(key as Key) : error.message || t('error.unknown')
}

/** Of a value that does not fit, what the server says of that value; else the sentence of the refusal. */
export function complaintOf(error: ErrorOut): string {
  if (error.code !== 'invalid') return sentenceOf(error)
  const attribute = Object.entries(error.fields ?? {}).find(([name]) => name.startsWith('attributes.'))?.[1]
  const said: unknown = Array.isArray(attribute) ? attribute[0] : attribute
  return typeof said === 'string' ? said : error.message || sentenceOf(error)
}

/** Nothing was decided: the same may be tried again. */
export const isPassing = (error: ErrorOut): boolean => ['offline', 'timeout', 'busy', 'too_many'].includes(error.code)
