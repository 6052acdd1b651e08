/** Where dots and names stand on the map of failed responses. Pure: the component only draws. */
import type { FailureMap, MapCluster } from '#shared/wire.gen'

export interface Dot {
  id: number
  x: number
  y: number
  /** 0: in no group. */
  cluster: number
}

export const dotsOf = (map: Pick<FailureMap, 'points'>): Dot[] => map.points.map(([id = 0, x = 0, y = 0, cluster = 0]) => ({ id, x, y, cluster }))

export function byCluster(dots: readonly Dot[]): Map<number, Dot[]> {
  const groups = new Map<number, Dot[]>()
  for (const dot of dots) {
    const group = groups.get(dot.cluster)
    if (group) group.push(dot)
    else groups.set(dot.cluster, [dot])
  }
  return groups
}

/** Turns by the golden angle, so that neighbours in time are never neighbours in colour. */
export const hueOfCluster = (id: number): number => Math.round((id * 137.508) % 360)

export interface Frame {
  width: number
  height: number
}

const PAD = 28

/** From the map's own measure to pixels: everything fits, and both directions are stretched alike as far as the frame allows. */
export function placing(dots: readonly Pick<Dot, 'x' | 'y'>[], { width, height }: Frame): (at: { x: number; y: number }) => { left: number; top: number } {
  const span = (values: number[]) => (values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)]) as [number, number]
  const [x0, x1] = span(dots.map(dot => dot.x))
  const [y0, y1] = span(dots.map(dot => dot.y))
  const [w, h] = [Math.max(1, width - 2 * PAD), Math.max(1, height - 2 * PAD)]
  const [sx, sy] = [w / Math.max(x1 - x0, 1e-9), h / Math.max(y1 - y0, 1e-9)]
  const scale = Math.min(sx, sy) * STRETCH
  const [kx, ky] = [Math.min(sx, scale), Math.min(sy, scale)]
  return ({ x, y }) => ({ left: width / 2 + (x - (x0 + x1) / 2) * kx, top: height / 2 + (y - (y0 + y1) / 2) * ky })
}
const STRETCH = 1.6

/** The dot nearest to a place, if one is near enough to be meant. */
export function nearest(dots: readonly Dot[], place: ReturnType<typeof placing>, left: number, top: number, reach = 10): Dot | null {
  let best: Dot | null = null
  let least = reach * reach
  for (const dot of dots) {
    const at = place(dot)
    const far = (at.left - left) ** 2 + (at.top - top) ** 2
    if (far < least) [best, least] = [dot, far]
  }
  return best
}

export interface Label {
  cluster: MapCluster
  left: number
  top: number
}

const LABEL_HEIGHT = 28
const MOST_LABELS = 14

/** Names above their groups: the chosen one first, then the largest; what would lie over another is pushed down or left out. */
export function labels(clusters: readonly MapCluster[], selected: number | null, place: ReturnType<typeof placing>, { width, height }: Frame): Label[] {
  const narrow = width < 520
  const placed: (Label & { half: number })[] = []
  const chosen = (cluster: MapCluster) => Number(cluster.id === selected)
  for (const cluster of [...clusters].sort((a, b) => chosen(b) - chosen(a) || b.size - a.size).slice(0, MOST_LABELS)) {
    const half = narrow && cluster.id !== selected ? 32 : Math.min(132, 34 + cluster.label.length * 3.2)
    const at = place(cluster)
    const left = Math.min(width - half - 6, Math.max(half + 6, at.left))
    let top = Math.min(height - LABEL_HEIGHT - 26, Math.max(6, at.top - 34))
    const covers = () => placed.some(each => Math.abs(each.left - left) < each.half + half && Math.abs(each.top - top) < LABEL_HEIGHT)
    for (let tries = 0; tries < 6 && covers(); tries++) top += 15
    if (!covers() && top < height - LABEL_HEIGHT) placed.push({ cluster, left, top, half })
  }
  return placed
}
