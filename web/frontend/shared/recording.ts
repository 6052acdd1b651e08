/** Sound from the microphone, recorded in place and handed over as a file. Knows no framework. */
import { listenTo } from './loudness'
import type { UploadLimits } from './wire.gen'

/** `denied`: by the person or by the page around us. `missing`: no microphone. `unable`: this browser cannot record here. */
export type Unable = 'denied' | 'missing' | 'unable'

export class CannotRecord extends Error {
  constructor(readonly why: Unable) {
    super(why)
    this.name = 'CannotRecord'
  }
}

/** What browsers record, in the order of our liking, and the ending each is stored under. */
const KINDS = [
  { type: 'audio/webm;codecs=opus', extension: 'weba' },
  { type: 'audio/ogg;codecs=opus', extension: 'ogg' },
  { type: 'audio/mp4', extension: 'm4a' }
] as const

/** Speech is clear at this rate, and five megabytes of it last twenty minutes. */
const BITS_PER_SECOND = 32_000

export interface Recording {
  /** As `Date.now()` */
  readonly startedAt: number
  /** The longest it may run, in milliseconds: what is recorded must still be taken by the desk. */
  readonly longest: number
  /** How loud it is now, from 0 to 1; null where this browser cannot tell. */
  readonly loudness: (() => number) | null
  /** Stop, and have what was recorded. */
  finish(): Promise<File>
  /** Stop, and forget it. */
  discard(): void
}

function kindFor(limits: UploadLimits) {
  if (typeof MediaRecorder === 'undefined') return undefined
  return KINDS.find(({ type, extension }) => limits.extensions.includes(extension) && MediaRecorder.isTypeSupported(type))
}

/** Whether it is worth offering. The person may still say no. */
export function canRecord(limits: UploadLimits): boolean {
  return kindFor(limits) !== undefined && navigator.mediaDevices !== undefined
}

/**
 * Ask for the microphone and begin.
 * @param name the file's, without its ending
 * @throws CannotRecord
 */
export async function record(limits: UploadLimits, name: string): Promise<Recording> {
  const kind = kindFor(limits)
  if (!kind || !navigator.mediaDevices) throw new CannotRecord('unable')
  let microphone: MediaStream
  try {
    microphone = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } })
  } catch (reason) {
    throw new CannotRecord(whyNot(reason))
  }
  const type = kind.type.split(';')[0]!
  const parts: Blob[] = []
  const recorder = new MediaRecorder(microphone, { mimeType: kind.type, audioBitsPerSecond: BITS_PER_SECOND })
  recorder.ondataavailable = ({ data }) => parts.push(data)
  const ear = listenTo(microphone)
  // Nobody is listened to for longer than asked for: the browser's own sign goes out with the track.
  const release = () => {
    ear?.close()
    microphone.getTracks().forEach(track => track.stop())
  }
  recorder.start()

  return {
    startedAt: Date.now(),
    // The container and an eager encoder take their share too.
    longest: Math.floor((limits.most_bytes * 8 * 1000 * 0.8) / BITS_PER_SECOND),
    loudness: ear?.loudness ?? null,
    finish: () =>
      new Promise(resolve => {
        recorder.onstop = () => {
          release()
          resolve(new File(parts, `${name}.${kind.extension}`, { type }))
        }
        if (recorder.state === 'inactive') recorder.onstop(new Event('stop'))
        else recorder.stop()
      }),
    discard() {
      if (recorder.state !== 'inactive') recorder.stop()
      release()
    }
  }
}

function whyNot(reason: unknown): Unable {
  const name = reason instanceof Error ? reason.name : ''
  if (name === 'NotFoundError') return 'missing'
  return name === 'NotAllowedError' || name === 'SecurityError' ? 'denied' : 'unable'
}
