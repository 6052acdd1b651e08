/** The time, as state: whatever reads `now.seconds` or `now.minutes` is drawn again when it has passed. */
import { createSubscriber } from 'svelte/reactivity'

/** One timer for all readers of a rhythm, running only while somebody reads. */
function every(milliseconds: number): () => void {
  return createSubscriber(update => {
    const timer = setInterval(update, milliseconds)
    return () => clearInterval(timer)
  })
}

const eachSecond = every(1_000)
const eachMinute = every(60_000)

export const now = {
  /** `Date.now()`, fresh every second: for figures that run. */
  get seconds(): number {
    eachSecond()
    return Date.now()
  },
  /** `Date.now()`, fresh every minute: for "6 min ago". */
  get minutes(): number {
    eachMinute()
    return Date.now()
  }
}
