/** Repairs of a gap: its questions in the customers' words, and how far a change is proved. */
import type { ExampleCheck, ExampleDuplicate, ExamplePull, FailureOut, ReplayOut } from '#shared/wire.gen'

/** The server takes no more at once, and none longer. */
export const MOST_PHRASINGS = 200
const LONGEST_PHRASING = 2_000
/** Characters of a written reason that stands in for a proof. */
export const REASON_LEAST = 10

/** A question worth learning, and the failure that asked it first. */
export interface Phrasing {
  id: number
  text: string
}

const oneLine = (text: string): string => text.split(/\s+/).filter(Boolean).join(' ')

/** What the failures said, each wording once. */
export function phrasingsOf(questions: readonly Pick<FailureOut, 'id' | 'text'>[]): Phrasing[] {
  const seen = new Map<string, Phrasing>()
  for (const { id, text } of questions) {
    const words = oneLine(text)
    const key = words.toLocaleLowerCase()
    if (words !== '' && [...words].length <= LONGEST_PHRASING && !seen.has(key)) seen.set(key, { id, text: words })
  }
  return [...seen.values()].slice(0, MOST_PHRASINGS)
}

/** What is to be known of one example before it is taken. */
export interface Remarks {
  repeats?: ExampleDuplicate
  pulls?: ExamplePull
}

export function remarksOf(check: ExampleCheck | null): Map<number, Remarks> {
  const remarks = new Map<number, Remarks>()
  for (const each of check?.duplicates ?? []) remarks.set(each.failure_id, { repeats: each })
  for (const each of check?.pulls ?? []) remarks.set(each.failure_id, { ...remarks.get(each.failure_id), pulls: each })
  return remarks
}

export type Verdict = (typeof VERDICTS)[number]
export const VERDICTS = ['fixed', 'failing', 'kept', 'broken'] as const

export const isOver = ({ state }: Pick<ReplayOut, 'state'>): boolean => state === 'done' || state === 'failed' || state === 'cancelled'

/** Of two copies of one replay, the later: it only ever goes on, and what is over stays as it ended. */
export function laterOf(known: ReplayOut, heard: ReplayOut): ReplayOut {
  if (isOver(known)) return known
  const further = isOver(heard) || heard.done > known.done || heard.state !== known.state
  return further && !(heard.state === 'waiting' && known.state === 'running') ? heard : known
}

/** `stale`: it was of another change than the one on the screen. `short`: too few of the failures are answered. */
export type Proof = 'none' | 'running' | 'stale' | 'undecided' | 'short' | 'broken' | 'passed'

/** @param needed percent of the failures; null where the desk asks for none: then all of them */
export function proofOf(replay: ReplayOut | null, needed: number | null): Proof {
  if (!replay) return 'none'
  if (!isOver(replay)) return 'running'
  if (replay.state !== 'done') return 'undecided'
  if (replay.broken > 0) return 'broken'
  return (replay.percent ?? 0) >= (needed ?? 100) ? 'passed' : 'short'
}
