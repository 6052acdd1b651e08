/** Where the reader's eyes are, handed from one way of reading to the other. */

/** The first entry in sight, and how many pixels below the top of the log it stands. */
export interface Spot {
  message: number
  chat: number
  offset: number
}

let kept: Spot | null = null

export const handOver = (spot: Spot | null): void => void (kept = spot)

/** The spot, if it lies in that chat. Whoever takes it takes it away. */
export function takeOver(chat: number): Spot | null {
  const found = kept?.chat === chat ? kept : null
  kept = null
  return found
}
