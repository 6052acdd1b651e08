/** Moments to promise something for, on this machine's clock and in its zone. */

export type QuickDue = 'in_two_hours' | 'tomorrow' | 'friday'

const HOUR = 3_600_000
const FRIDAY = 5

/** The choices that need no typing: always in the future, and no two the same. */
export function quickDues(now: number): { key: QuickDue; at: Date }[] {
  const day = (from: number, days: number, hour: number) => {
    const date = new Date(from)
    date.setDate(date.getDate() + days)
    date.setHours(hour, 0, 0, 0)
    return date
  }
  const today = new Date(now).getDay()
  const thisFriday = day(now, (FRIDAY - today + 7) % 7, 17)
  return [
    { key: 'in_two_hours', at: wholeMinute(now + 2 * HOUR) },
    { key: 'tomorrow', at: day(now, 1, 9) },
    { key: 'friday', at: thisFriday.getTime() > now ? thisFriday : day(now, 7, 17) }
  ]
}

/** As a `datetime-local` field has it: "2026-03-02T09:00", without a zone. */
export function toField(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** Null while the field is empty or half filled. */
export function fromField(value: string): Date | null {
  const date = new Date(value)
  return value === '' || Number.isNaN(date.getTime()) ? null : date
}

export function wholeMinute(at: number): Date {
  return new Date(Math.round(at / 60_000) * 60_000)
}
