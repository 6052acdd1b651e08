/** What the server refused in the review, in words. */
import type { ErrorOut } from '#shared/wire.gen'
import { sentenceOf } from '../data/problem'
import { has, t } from './words'

export function refusalOf(problem: ErrorOut): string {
  const key = `error.${problem.code}`
  return has(key) ? t(key) : sentenceOf(problem)
}
