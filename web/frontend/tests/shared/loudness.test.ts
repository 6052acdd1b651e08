import { render, screen } from '@testing-library/svelte'
import { tick } from 'svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import LevelMeter from '#shared/kit/media/LevelMeter.svelte'
import { listenTo, loudnessOf } from '#shared/loudness'

/** A tone of so many decibels below the loudest there is. */
const tone = (decibels: number) => Float32Array.from({ length: 2048 }, (_, at) => Math.SQRT2 * 10 ** (decibels / 20) * Math.sin(at / 7))

describe('loudness', () => {
  it('is nothing in a quiet room, everything close to the microphone, and even steps of decibels between', () => {
    expect(loudnessOf(new Float32Array(2048))).toBe(0)
    expect(loudnessOf(new Float32Array())).toBe(0)
    expect(loudnessOf(tone(-70))).toBe(0)
    expect(loudnessOf(tone(-6))).toBe(1)
    expect(loudnessOf(tone(-36))).toBeCloseTo(0.5, 1)
    expect(loudnessOf(tone(-24)) - loudnessOf(tone(-36))).toBeCloseTo(loudnessOf(tone(-36)) - loudnessOf(tone(-48)), 1)
  })

  it('is not told where the browser cannot listen', () => {
    expect(listenTo({} as MediaStream)).toBeNull()
  })
})

describe('the level meter', () => {
  let calm = false
  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('matchMedia', (query: string) => ({ matches: calm && query.includes('reduced-motion'), addEventListener: vi.fn(), removeEventListener: vi.fn() }))
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  function shown() {
    const mouth = { level: 0 }
    const onsilent = vi.fn<(silent: boolean) => void>()
    const drawn = render(LevelMeter, { loudness: () => mouth.level, onsilent })
    const passes = async (milliseconds: number) => {
      vi.advanceTimersByTime(milliseconds)
      await tick()
    }
    return { ...drawn, mouth, onsilent, passes, meter: screen.getByRole('meter', { name: 'Microphone level' }) }
  }

  it('shows the newest moment at its end, and says it in words and in a figure', async () => {
    calm = false
    const { mouth, passes, meter } = shown()
    mouth.level = 0.6
    await passes(80)
    const bars = [...meter.querySelectorAll('i')]
    expect(bars).toHaveLength(32)
    expect(bars.at(-1)!.style.blockSize).toBe('60%')
    expect(bars.at(-2)!.style.blockSize).toBe('8%')
    expect(meter.getAttribute('aria-valuenow')).toBe('60')
    expect(meter.getAttribute('aria-valuetext')).toBe('Heard well')
    mouth.level = 0.95
    await passes(80)
    expect(meter.getAttribute('aria-valuetext')).toBe('Very loud')
  })

  it('is one bar that moves twice a second for who asked for less motion', async () => {
    calm = true
    const { mouth, passes, meter } = shown()
    await passes(80)
    mouth.level = 0.5
    await passes(400)
    expect(meter.getAttribute('aria-valuenow')).toBe('0')
    await passes(160)
    expect([...meter.querySelectorAll('i')].map(each => each.style.inlineSize)).toEqual(['50%'])
  })

  it('tells when nothing is heard for three seconds, and when something is again', async () => {
    calm = false
    const { mouth, onsilent, passes, meter } = shown()
    mouth.level = 0.05
    await passes(2_900)
    expect(onsilent).not.toHaveBeenCalled()
    await passes(200)
    expect(onsilent).toHaveBeenLastCalledWith(true)
    expect(meter.getAttribute('aria-valuetext')).toBe('Nothing is heard')
    mouth.level = 0.4
    await passes(80)
    expect(onsilent).toHaveBeenLastCalledWith(false)
    expect(onsilent).toHaveBeenCalledTimes(2)
  })

  it('stops looking when it is gone', () => {
    const { unmount } = shown()
    unmount()
    expect(vi.getTimerCount()).toBe(0)
  })
})
