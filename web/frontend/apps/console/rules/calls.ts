/** What may call an agent back to the desk, and how each is called: the choices of one person. */

export const CALL_KINDS = ['queue', 'assigned', 'message', 'mention', 'promise', 'escalation', 'outcome', 'outage', 'alarm'] as const
export type CallKind = (typeof CALL_KINDS)[number]

export interface Choice {
  sound: boolean
  notice: boolean
}

/** Seconds between one call and the next; 0: call once. */
export const REPEATS = [0, 30, 60, 120, 300] as const
export type Repeat = (typeof REPEATS)[number]

export interface Calling {
  kinds: Record<CallKind, Choice>
  /** 0 to 1 */
  volume: number
  repeat: Repeat
  quietAway: boolean
  /** Notifications say that something came, not who and what. */
  hideText: boolean
}

export const DEFAULT_CALLING: Calling = {
  kinds: {
    queue: { sound: true, notice: true },
    assigned: { sound: true, notice: true },
    message: { sound: true, notice: true },
    mention: { sound: true, notice: true },
    promise: { sound: true, notice: true },
    escalation: { sound: true, notice: true },
    outcome: { sound: true, notice: true },
    outage: { sound: true, notice: true },
    alarm: { sound: true, notice: true }
  },
  volume: 0.5,
  repeat: 60,
  quietAway: true,
  hideText: false
}

/** The one that sounds where several wait: the last is the loudest. */
const LOUDNESS: readonly CallKind[] = ['message', 'mention', 'promise', 'outcome', 'queue', 'assigned', 'escalation', 'outage', 'alarm']

export const loudest = (kinds: readonly CallKind[]): CallKind | null =>
  kinds.reduce<CallKind | null>((most, kind) => (most !== null && LOUDNESS.indexOf(most) >= LOUDNESS.indexOf(kind) ? most : kind), null)

/** What was kept, of whatever age or make: what is not understood falls back to what everybody begins with. */
export function readCalling(kept: unknown): Calling {
  const from = asRecord(kept)
  const kinds = asRecord(from['kinds'])
  const { volume, repeat, quietAway, hideText } = from
  return {
    kinds: Object.fromEntries(CALL_KINDS.map(kind => [kind, readChoice(kinds[kind], DEFAULT_CALLING.kinds[kind])])) as Calling['kinds'],
    volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : DEFAULT_CALLING.volume,
    repeat: REPEATS.find(each => each === repeat) ?? DEFAULT_CALLING.repeat,
    quietAway: typeof quietAway === 'boolean' ? quietAway : DEFAULT_CALLING.quietAway,
    hideText: typeof hideText === 'boolean' ? hideText : DEFAULT_CALLING.hideText
  }
}

function readChoice(kept: unknown, otherwise: Choice): Choice {
  const { sound, notice } = asRecord(kept)
  return {
    sound: typeof sound === 'boolean' ? sound : otherwise.sound,
    notice: typeof notice === 'boolean' ? notice : otherwise.notice
  }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
