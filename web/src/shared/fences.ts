// How far a fix is from a fence or a household, on a plane round the fix: right to a metre within a county.

type Ring = number[][]
export type Area = { type: 'Polygon'; coordinates: Ring[] } | { type: 'MultiPolygon'; coordinates: Ring[][] }
interface Here {
  lon: number
  lat: number
}

const METRES_A_DEGREE = 111_320

const flat = (here: Here, [lon = 0, lat = 0]: number[]): [number, number] => [
  (lon - here.lon) * METRES_A_DEGREE * Math.cos((here.lat * Math.PI) / 180),
  (lat - here.lat) * METRES_A_DEGREE,
]

/** Metres, straight. */
export const metresTo = (here: Here, there: Here) => Math.hypot(...flat(here, [there.lon, there.lat]))

/** Metres to the boundary, negative inside. */
export function metresToFence(here: Here, area: Area): number {
  const rings = area.type === 'Polygon' ? area.coordinates : area.coordinates.flat()
  let nearest = Infinity
  let inside = false
  for (const ring of rings) {
    const points = ring.map((point) => flat(here, point))
    for (let i = 1; i < points.length; i += 1) {
      const [ax, ay] = points[i - 1]!
      const [bx, by] = points[i]!
      const along = Math.min(
        1,
        Math.max(0, -(ax * (bx - ax) + ay * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2 || 1)),
      )
      nearest = Math.min(nearest, Math.hypot(ax + along * (bx - ax), ay + along * (by - ay)))
      if (ay > 0 !== by > 0 && ((bx - ax) * -ay) / (by - ay) + ax > 0) inside = !inside
    }
  }
  return inside ? -nearest : nearest
}
