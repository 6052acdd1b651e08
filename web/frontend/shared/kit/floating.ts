/** Hold a panel at its anchor while it is shown. The style goes through the CSSOM, which the content policy allows. */
import { placed, type Placement } from './placement'

/** Returns the way to let go. */
export function hold(panel: HTMLElement, anchor: HTMLElement, placement: Placement): () => void {
  function place(): void {
    const rtl = getComputedStyle(anchor).direction === 'rtl'
    const screen = { width: document.documentElement.clientWidth, height: innerHeight }
    const size = { width: panel.offsetWidth, height: panel.offsetHeight }
    const { left, top } = placed(anchor.getBoundingClientRect(), size, screen, placement, rtl)
    panel.style.left = `${left}px`
    panel.style.top = `${top}px`
  }
  const watcher = new ResizeObserver(place)
  watcher.observe(panel)
  addEventListener('scroll', place, { capture: true, passive: true })
  addEventListener('resize', place)
  place()
  return () => {
    watcher.disconnect()
    removeEventListener('scroll', place, { capture: true })
    removeEventListener('resize', place)
  }
}
