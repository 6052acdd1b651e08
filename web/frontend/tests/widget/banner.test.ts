import type { Status } from '#shared/live'
import { cleanup, render, screen } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import LineBanner from '../../apps/widget/LineBanner.svelte'

beforeEach(() => {
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})
afterEach(cleanup)

const words = () => screen.getByRole('status').textContent?.trim() ?? ''

it('is patient for three seconds, and says for three what has been sent', async () => {
  const lost: Status = { state: 'offline', since: Date.now(), retryAt: 0 }
  const { rerender } = render(LineBanner, { status: lost, waiting: 2, onretry: vi.fn() })
  await vi.advanceTimersByTimeAsync(2900)
  expect(words()).toBe('')
  await vi.advanceTimersByTimeAsync(200)
  expect(words()).toContain('Reconnecting')
  await rerender({ status: { state: 'connected' }, waiting: 0 })
  expect(words()).toBe('Back online, 2 messages sent')
  await vi.advanceTimersByTimeAsync(3000)
  expect(words()).toBe('')
})

it('does not speak of a short loss', async () => {
  const lost: Status = { state: 'connecting', since: Date.now() }
  const { rerender } = render(LineBanner, { status: lost, waiting: 0, onretry: vi.fn() })
  await vi.advanceTimersByTimeAsync(1000)
  await rerender({ status: { state: 'connected' } })
  await vi.advanceTimersByTimeAsync(5000)
  expect(words()).toBe('')
})
