import { describe, expect, it } from 'vitest'
import { asHex, textOn } from '#shared/brand'

describe('text on the brand colour', () => {
  it.each([
    ['#0b6b58', '#ffffff'],
    ['#e11d48', '#ffffff'],
    ['#000000', '#ffffff'],
    ['#ffb81c', '#101216'],
    ['#ffffff', '#101216'],
    // Either side of 4.5:1, as close as hex colours come.
    ['#767676', '#ffffff'],
    ['#777777', '#101216']
  ])('on %s is %s', (brand, text) => expect(textOn(brand)).toBe(text))
})

describe('a brand colour', () => {
  it('is six hex digits, or the default', () => {
    expect(asHex('#2C6E49')).toBe('#2C6E49')
    for (const wrong of ['', 'red', '#fff', '#12345g', '#2c6e49;}*{display:none']) expect(asHex(wrong)).toBe('#285bd8')
  })
})
