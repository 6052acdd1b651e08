/** Typed facts of a customer, between the wire and a field. */
import type { AttributeOut, IdentityOut } from '#shared/wire.gen'

/** What the field of this attribute begins with. */
export function asTyped(value: unknown): string {
  return value === null || value === undefined ? '' : String(value)
}

/** What the field's text means for the wire: nothing typed removes. The server has the last word on types. */
export function fromTyped(type: AttributeOut['type'], typed: string): unknown {
  if (typed === '') return null
  if (type === 'number') return Number.isNaN(Number(typed)) ? typed : Number(typed)
  return typed
}

/** How a value reads in the panel. */
export function asShown(attribute: Pick<AttributeOut, 'type'>, value: unknown, locale: string): string {
  if (value === null || value === undefined) return ''
  if (attribute.type === 'number' && typeof value === 'number') return new Intl.NumberFormat(locale).format(value)
  if (attribute.type === 'date' && typeof value === 'string') return readDate(value, locale)
  if (attribute.type === 'link') return String(value).replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '')
  return String(value)
}

/** A link of the desk's own facts may lead to the web alone. */
export function linkOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^https?:\/\//i.test(value) ? value : undefined
}

function readDate(value: string, locale: string): string {
  const date = new Date(`${value}T00:00:00`)
  return Number.isNaN(date.getTime()) ? value : new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(date)
}

const SURENESS: readonly IdentityOut['sure'][] = ['anonymous', 'claimed', 'verified']

/** How sure we are of somebody: as sure as of the surest of what we know them by. */
export function sureness(identities: readonly IdentityOut[], verified: boolean): IdentityOut['sure'] {
  if (verified) return 'verified'
  return SURENESS[Math.max(0, ...identities.map(each => SURENESS.indexOf(each.sure)))]!
}
