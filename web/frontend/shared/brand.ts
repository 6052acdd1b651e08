/** One hex colour of the company, and the text colour that can be read on it. */

const DARK = '#101216'
const WHITE = '#ffffff'
const ENOUGH = 4.5 // WCAG 2.2, 1.4.3: contrast of text

const HEX = /^#[0-9a-f]{6}$/i

/** A colour we can reckon with; anything else becomes `fallback`. */
export function asHex(colour: string, fallback = '#285bd8'): string {
  return HEX.test(colour) ? colour : fallback
}

/** White where it can be read, else near-black. */
export function textOn(brand: string): string {
  // `contrast` with white, written out: the loader carries this, and nothing it does not need.
  return 1.05 / (luminance(brand) + 0.05) >= ENOUGH ? WHITE : DARK
}

/** How far apart two colours are in lightness, from 1 (the same) to 21 (black and white). */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map(at => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
