import { afterEach, expect, test, vi } from 'vitest'
import { BrowserKeep } from '../../apps/widget/keep'

afterEach(() => {
  vi.unstubAllGlobals()
  localStorage.clear()
})

test('what is kept is there for the next page, for one site alone', () => {
  new BrowserKeep('pk_shop').token = 'a token'
  expect(new BrowserKeep('pk_shop').token).toBe('a token')
  expect(new BrowserKeep('pk_other').token).toBeNull()
})

test('where storage is forbidden, the visit still knows its visitor until the page closes', () => {
  vi.stubGlobal('localStorage', {
    getItem: () => forbidden(),
    setItem: () => forbidden(),
    removeItem: () => forbidden()
  })
  const keep = new BrowserKeep('pk_shop')
  keep.token = 'a token'
  keep.see(7, 3)
  expect(keep.token).toBe('a token')
  expect(keep.seen(7)).toBe(3)
  keep.token = null
  expect(keep.token).toBeNull()
})

function forbidden(): never {
  throw new DOMException('Access is denied for this document.', 'SecurityError')
}
