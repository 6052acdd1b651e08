import { fireEvent, render, screen } from '@testing-library/svelte'
import { tick } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import Recorder from '../../apps/console/conversation/Recorder.svelte'

const limits = { most_bytes: 5_242_880, most_files: 10, scanned: false, extensions: ['weba', 'pdf'] }

/** A microphone on this desk, and whether somebody speaks into it. */
const microphone = { speaks: true, stopped: 0, refuses: '' }

class Machine {
  static isTypeSupported = (type: string) => type.startsWith('audio/webm')
  state = 'inactive'
  ondataavailable?: (event: { data: Blob }) => void
  onstop?: () => void
  start() {
    this.state = 'recording'
  }
  stop() {
    this.state = 'inactive'
    this.ondataavailable?.({ data: new Blob(['sound']) })
    this.onstop?.()
  }
}

class Ears {
  createMediaStreamSource = () => ({ connect: vi.fn() })
  close = async () => undefined
}

class Analyser {
  fftSize = 64
  getFloatTimeDomainData = (samples: Float32Array) => samples.fill(microphone.speaks ? 0.1 : 0)
}

beforeEach(() => {
  Object.assign(microphone, { speaks: true, stopped: 0, refuses: '' })
  vi.useFakeTimers()
  vi.stubGlobal('MediaRecorder', Machine)
  vi.stubGlobal('AudioContext', Ears)
  vi.stubGlobal('AnalyserNode', Analyser)
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:take', revokeObjectURL: vi.fn() }))
  const getUserMedia = async () => {
    if (microphone.refuses) throw new DOMException('', microphone.refuses)
    return { getTracks: () => [{ stop: () => microphone.stopped++ }] }
  }
  vi.stubGlobal('navigator', Object.assign(navigator, { mediaDevices: { getUserMedia } }))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function begins() {
  const ondone = vi.fn<(file: File) => void>()
  const onleave = vi.fn()
  const { unmount } = render(Recorder, { limits, ondone, onleave })
  await passes(0)
  return { ondone, onleave, unmount }
}

async function passes(milliseconds: number) {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await tick()
}

const press = async (name: string) => {
  await fireEvent.click(screen.getByRole('button', { name }))
  await passes(0)
}

describe('the recorder', () => {
  it('shows how long it runs, what it hears and how much fits, and hands over what was listened to', async () => {
    const { ondone } = await begins()
    await passes(12_400)
    expect(screen.getByRole('timer').textContent).toBe('0:12')
    expect(screen.getByText('17:28 at most (5 MB)')).toBeTruthy()
    expect(Number(screen.getByRole('meter').getAttribute('aria-valuenow'))).toBeGreaterThan(50)
    expect(screen.getByRole('status').textContent).toBe('Recording')
    await press('Stop')
    expect(microphone.stopped).toBe(1)
    expect(screen.queryByRole('meter')).toBeNull()
    expect(screen.getByRole('button', { name: /^Play Voice message/ })).toBeTruthy()
    await press('Attach')
    expect(ondone.mock.lastCall?.[0].name).toMatch(/^Voice message .*\.weba$/)
  })

  it('says when nothing is heard', async () => {
    microphone.speaks = false
    await begins()
    await passes(3_200)
    expect(screen.getByRole('status').textContent).toContain('Is the microphone muted?')
    microphone.speaks = true
    await passes(200)
    expect(screen.getByRole('status').textContent).toBe('Recording')
  })

  it('counts the last minute down, and stops by itself while the desk still takes it', async () => {
    await begins()
    await passes((17 * 60 + 8) * 1000)
    expect(screen.getByText('0:20 left (5 MB at most)')).toBeTruthy()
    await passes(21_000)
    expect(screen.getByRole('button', { name: 'Attach' })).toBeTruthy()
    expect(microphone.stopped).toBe(1)
  })

  it('lets the microphone go when it is left', async () => {
    const { onleave, unmount } = await begins()
    await press('Discard')
    expect(onleave).toHaveBeenCalled()
    unmount()
    expect(microphone.stopped).toBe(1)
  })

  it.each([['NotAllowedError', /blocked for this site/], ['NotFoundError', /No microphone/], ['AbortError', /doesn’t work in this browser/]])('says what to do about %s', async (refusal, words) => {
    microphone.refuses = refusal
    await begins()
    expect(screen.getByRole('alert').textContent).toMatch(words)
  })
})
