// Households and the boundary of their village as shapes on a map.
import type { Fence } from '../api/reviews'
import { metresToFence, type Area } from '../../shared/fences'
import { circle } from '../../shared/shapes'
import type { Shape } from '../map/kinds'

export interface Point {
  lon: number
  lat: number
}

/** The boundary that holds, if any: the newest without an end. */
const holding = (fences: Fence[]) => fences.find(({ valid_until: until }) => !until)

/** How far a point lies outside the village, in metres; 0 within it, or where it has no boundary. */
export function metresOutside(point: Point, fences: Fence[]): number {
  const now = holding(fences)
  return now ? Math.max(0, metresToFence(point, now.geometry as unknown as Area)) : 0
}

export function fenceShapes(fences: Fence[]): Shape[] {
  const now = holding(fences)
  return now ? [{ kind: 'county', row: null, geometry: { ...now.geometry } }] : []
}

export const homeShape = ({ lon, lat }: Point, kind: Shape['kind'], row: number | null): Shape => ({
  kind,
  row,
  geometry: { type: 'Point', coordinates: [lon, lat] },
})

/** How near counts as there. */
export const reachShape = ({ lon, lat }: Point, radius: number): Shape => ({
  kind: 'new',
  row: null,
  geometry: { ...circle(lon, lat, radius).geometry },
})

/** What two fields say: a point, none where both are blank, undefined where they are no two numbers. */
export function pointOf(lon: string, lat: string): Point | null | undefined {
  if (!lon.trim() && !lat.trim()) return null
  const point = { lon: Number(lon), lat: Number(lat) }
  return !lon.trim() || !lat.trim() || Number.isNaN(point.lon) || Number.isNaN(point.lat) ? undefined : point
}
