/** Two short tones, made and not loaded: one for somebody waiting in the queue, one for a message. */

export type Tone = 'queue' | 'message'

/** Pairs of pitch in hertz and start in seconds. A rising pair calls, a falling one tells. */
const TONES: Record<Tone, readonly (readonly [hertz: number, start: number])[]> = {
  queue: [[660, 0], [880, 0.14]],
  message: [[880, 0], [740, 0.09]]
}
const LENGTH = 0.16
const FADE_IN = 0.012
const SILENCE = 0.0001

let context: AudioContext | undefined

/** @param volume between 0 and 1. Silent until the person has touched the page, for browsers allow no sound before. */
export async function play(tone: Tone, volume = 0.5): Promise<void> {
  if (volume <= 0 || typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  if (context.state === 'suspended' && navigator.userActivation?.hasBeenActive === false) return
  await context.resume()
  for (const [hertz, start] of TONES[tone]) sound(context, hertz, context.currentTime + start, volume)
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
