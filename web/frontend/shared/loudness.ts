/** How loud a microphone is, for a meter that shows that it hears. */

/** Decibels below full scale: a quiet room, and somebody who speaks close to it. */
const SILENT_DB = -60
const LOUD_DB = -12

/** What is quieter than this share of the meter is no voice. */
export const AUDIBLE = 0.12

/** From 0, a quiet room, to 1: the root mean square of a moment's samples, in decibels, as ears have it. */
export function loudnessOf(samples: Float32Array): number {
  if (samples.length === 0) return 0
  const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length
  const decibels = power > 0 ? 10 * Math.log10(power) : -Infinity
  return Math.min(1, Math.max(0, (decibels - SILENT_DB) / (LOUD_DB - SILENT_DB)))
}

export interface Ear {
  /** Now, from 0 to 1 */
  loudness(): number
  close(): void
}

/** Null where this browser cannot listen while it records. */
export function listenTo(microphone: MediaStream): Ear | null {
  if (typeof AudioContext === 'undefined') return null
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: 2048 })
  // It leads nowhere: nobody wants to hear themselves.
  context.createMediaStreamSource(microphone).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  return {
    loudness() {
      analyser.getFloatTimeDomainData(samples)
      return loudnessOf(samples)
    },
    close: () => void context.close()
  }
}
