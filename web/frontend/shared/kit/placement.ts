/** Where a floating panel goes: beside its anchor, on the other side when there is no room, and never off the screen. */

export type Placement = 'bottom-start' | 'bottom-end' | 'top-start' | 'top-end'

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

export interface Size {
  width: number
  height: number
}

const GAP = 6
const MARGIN = 8

export function placed(anchor: Box, panel: Size, screen: Size, placement: Placement, rtl = false): { left: number; top: number } {
  const [side, wanted] = placement.split('-') as ['top' | 'bottom', 'start' | 'end']
  const below = anchor.top + anchor.height + GAP
  const above = anchor.top - GAP - panel.height
  const roomBelow = below + panel.height <= screen.height - MARGIN
  const roomAbove = above >= MARGIN
  const under = side === 'bottom' ? roomBelow || !roomAbove : !roomAbove && roomBelow
  const atLeft = (wanted === 'start') !== rtl
  const left = atLeft ? anchor.left : anchor.left + anchor.width - panel.width
  return {
    left: clamp(left, MARGIN, screen.width - MARGIN - panel.width),
    top: clamp(under ? below : above, MARGIN, screen.height - MARGIN - panel.height)
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.max(least, Math.min(value, most)))
}
