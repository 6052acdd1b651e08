/** Sizes of files as people know them. 1,048,576 bytes are a megabyte here, for that is what limits are set in. */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/**
 * "180 kB", "5 MB". With `above`, enough digits that the size is seen to be more than that limit.
 */
export function fileSize(bytes: number, locale = 'en', above?: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  const digits = step < 2 ? 0 : 1
  const rounded = above === undefined ? Number(value.toFixed(digits)) : moreThan(value, above / 1024 ** step, digits)
  return new Intl.NumberFormat(locale, { style: 'unit', unit: UNITS[step]!, unitDisplay: step === 0 ? 'long' : 'short', maximumFractionDigits: 6 }).format(rounded)
}

function moreThan(value: number, limit: number, digits: number): number {
  for (let places = digits; places < 6; places++) {
    const rounded = Math.ceil(value * 10 ** places) / 10 ** places
    if (rounded > limit) return rounded
  }
  return value
}
