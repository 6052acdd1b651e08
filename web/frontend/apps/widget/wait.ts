/** The wait in words: an honest range in whole minutes, never a countdown. */
import type { QueuePlace } from '#shared/wire.gen'
import { t } from './i18n_later'

export function placeInWords(place: QueuePlace | null): string {
  if (!place) return t('queue.waiting')
  return place.position <= 1 ? t('queue.next') : t('queue.place', { place: place.position })
}

export function waitInWords(place: QueuePlace | null): string {
  const { wait_low_s: low, wait_high_s: high } = place ?? { wait_low_s: null, wait_high_s: null }
  if (low === null || high === null) return t('queue.unknown')
  const [from, to] = [Math.ceil(low / 60), Math.ceil(high / 60)]
  if (high < 60) return t('queue.soon')
  return from === to || from === 0 ? t('queue.about', { count: to }) : t('queue.between', { low: from, high: to })
}
