/** Short tones, made and not loaded: each kind of call is known by its own. */

export type Tone = 'queue' | 'assigned' | 'message' | 'mention' | 'promise' | 'escalation' | 'outcome' | 'outage' | 'alarm'

/** Pairs of pitch in hertz and start in seconds. What rises calls, what falls tells. */
const TONES: Record<Tone, readonly (readonly [hertz: number, start: number])[]> = {
  queue: [[660, 0], [880, 0.14]],
  assigned: [[660, 0], [880, 0.12], [1100, 0.24]],
  message: [[880, 0], [740, 0.09]],
  mention: [[988, 0], [988, 0.12]],
  promise: [[587, 0], [740, 0.16]],
  escalation: [[523, 0], [659, 0.12], [784, 0.24], [1047, 0.36]],
  outcome: [[784, 0], [587, 0.14]],
  outage: [[523, 0], [440, 0.18], [349, 0.36]],
  alarm: [[880, 0], [660, 0.2], [880, 0.4], [660, 0.6]]
}
const LENGTH = 0.16
const FADE_IN = 0.012
const SILENCE = 0.0001

let context: AudioContext | undefined

/** Whether sound can be made now. `locked`: browsers allow none before the person has touched the page. */
export function soundState(): 'ready' | 'locked' | 'missing' {
  if (typeof AudioContext === 'undefined') return 'missing'
  if (context?.state === 'running') return 'ready'
  return navigator.userActivation?.hasBeenActive === false ? 'locked' : 'ready'
}

/** Call from a click: from then on tones are heard. Returns whether that worked. */
export async function unlockSound(): Promise<boolean> {
  if (typeof AudioContext === 'undefined') return false
  context ??= new AudioContext()
  await context.resume()
  return context.state === 'running'
}

/**
 * @param volume between 0 and 1
 * @returns whether it was heard: browsers allow no sound until the person has touched the page
 */
export async function play(tone: Tone, volume = 0.5): Promise<boolean> {
  if (volume <= 0 || soundState() !== 'ready' || !(await unlockSound()) || !context) return false
  for (const [hertz, start] of TONES[tone]) sound(context, hertz, context.currentTime + start, volume)
  return true
}

function sound(audio: AudioContext, hertz: number, start: number, volume: number): void {
  const oscillator = audio.createOscillator()
  const gain = audio.createGain()
  oscillator.frequency.value = hertz
  gain.gain.setValueAtTime(SILENCE, start)
  gain.gain.exponentialRampToValueAtTime(volume * 0.4, start + FADE_IN)
  gain.gain.exponentialRampToValueAtTime(SILENCE, start + LENGTH)
  oscillator.connect(gain).connect(audio.destination)
  oscillator.start(start)
  oscillator.stop(start + LENGTH)
}
