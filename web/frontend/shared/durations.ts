/** Lengths of time as people write them: "2 min", "1 hr 30 min", "90 s", "1:30". Units are those of the locale, by Intl alone. */

const UNITS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 }
] as const

export type DurationUnit = (typeof UNITS)[number]['unit']

/** All of it, in as many units as it needs: "1 hr 30 min". Nothing at all is "0 sec". */
export function spell(seconds: number, locale = 'en', unitDisplay: 'short' | 'long' = 'short'): string {
  let rest = Math.max(0, Math.round(seconds))
  const pieces: string[] = []
  for (const { unit, seconds: size } of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) pieces.push(inUnit(count, unit, locale, unitDisplay))
  }
  return pieces.length > 0 ? pieces.join(' ') : inUnit(0, 'second', locale, unitDisplay)
}

/**
 * The seconds that somebody has written, or null where it cannot be told.
 *
 * @param bare the unit of a number that names none
 */
export function parse(text: string, bare: DurationUnit = 'minute', locale = 'en'): number | null {
  const written = text.trim().toLocaleLowerCase(locale)
  const colons = /^(\d+):([0-5]\d)(?::([0-5]\d))?$/.exec(written)
  if (colons) {
    const [first, second, third] = colons.slice(1).map(each => Number(each ?? NaN)) as [number, number, number]
    return Number.isNaN(third) ? first * 60 + second : first * 3_600 + second * 60 + third
  }
  if (/^\d+(?:[.,]\d+)?$/.test(written)) return whole(number(written) * sizeOf(bare))

  const pieces = [...written.matchAll(/(\d+(?:[.,]\d+)?)\s*(\p{L}+)\.?/gu)]
  const leftOver = written.replace(/(\d+(?:[.,]\d+)?)\s*(\p{L}+)\.?/gu, '').replace(/[\s,&]|\band\b/g, '')
  if (pieces.length === 0 || leftOver !== '') return null
  let total = 0
  for (const [, count, word] of pieces) {
    const unit = UNITS.find(each => namesOf(each.unit, locale).some(name => name.startsWith(word!)))
    if (!unit) return null
    total += number(count!) * unit.seconds
  }
  return whole(total)
}

const number = (written: string): number => Number(written.replace(',', '.'))
const whole = (seconds: number): number => Math.round(seconds)
const sizeOf = (unit: DurationUnit): number => UNITS.find(each => each.unit === unit)!.seconds

function inUnit(count: number, unit: DurationUnit, locale: string, unitDisplay: 'short' | 'long'): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay }).format(count)
}

const known = new Map<string, string[]>()

/** Every way the locale writes a unit; looked up once, for it takes a dozen formats to know. */
function namesOf(unit: DurationUnit, locale: string): string[] {
  const key = `${locale} ${unit}`
  const names = known.get(key) ?? unitNames(unit, locale)
  known.set(key, names)
  return names
}

/** In the singular and in the plural, spelled out and short. */
function unitNames(unit: DurationUnit, locale: string): string[] {
  const ways = ['long', 'short', 'narrow'] as const
  return ways.flatMap(unitDisplay => [1, 5].map(count => {
    const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay })
    return (format.formatToParts(count).find(part => part.type === 'unit')?.value ?? '').trim().replace('.', '').toLocaleLowerCase(locale)
  })).filter(name => name !== '')
}
