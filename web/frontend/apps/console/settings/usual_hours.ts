/** Where a desk begins that has kept no hours so far: the working week, here. */
import type { OpeningHours } from '#shared/wire.gen'

export const usualHours = (): OpeningHours => ({
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  week: [0, 1, 2, 3, 4].map(day => ({ day, hours: [{ opens: '09:00', closes: '17:00' }] })),
  holidays: []
})
