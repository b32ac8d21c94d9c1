// Households and the boundary of their village as shapes on a map.
import type { Fence } from '../api/reviews'
import { circle } from '../../shared/shapes'
import type { Shape } from '../map/kinds'

export interface Point {
  lon: number
  lat: number
}

/** The boundary that holds, if any: the newest without an end. */
export function fenceShapes(fences: Fence[]): Shape[] {
  const now = fences.find(({ valid_until: until }) => !until)
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
