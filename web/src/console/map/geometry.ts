// Geometry the page needs beside the tiles: where a name stands, how far a village reaches, how good a fix is.
import type { Feature, FeatureCollection, MultiPolygon, Point, Polygon, Position } from 'geojson'
import type { CheckIn } from '../../shared/api/types'
import { boxOf, circle, type Box } from '../../shared/shapes'

export { boxOf, circle, type Box }

/** A named area put together from the pieces that the tiles cut it into. */
export class Area {
  private weight = 0
  private x = 0
  private y = 0
  readonly box: Box = [180, 90, -180, -90]

  constructor(readonly name: string) {}

  add(geometry: Polygon | MultiPolygon): void {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
    for (const [ring] of polygons) if (ring) this.addRing(ring)
  }

  /** The centre of gravity. */
  get centre(): Position {
    return [this.x / this.weight, this.y / this.weight]
  }

  private addRing(ring: Position[]): void {
    let twice = 0
    let x = 0
    let y = 0
    ring.forEach(([x1 = 0, y1 = 0], i) => {
      const [x2 = 0, y2 = 0] = ring[(i + 1) % ring.length]!
      const cross = x1 * y2 - x2 * y1
      twice += cross
      x += (x1 + x2) * cross
      y += (y1 + y2) * cross
      this.box[0] = Math.min(this.box[0], x1)
      this.box[1] = Math.min(this.box[1], y1)
      this.box[2] = Math.max(this.box[2], x1)
      this.box[3] = Math.max(this.box[3], y1)
    })
    if (twice === 0) return
    const size = Math.abs(twice)
    this.weight += size
    this.x += (size * x) / (3 * twice)
    this.y += (size * y) / (3 * twice)
  }
}

export interface NamedPiece {
  id: string
  name: string
  geometry: Polygon | MultiPolygon
}

export function joinPieces(pieces: NamedPiece[]): Map<string, Area> {
  const areas = new Map<string, Area>()
  for (const { id, name, geometry } of pieces) {
    let area = areas.get(id)
    if (!area) areas.set(id, (area = new Area(name)))
    area.add(geometry)
  }
  return areas
}

export function nameFeatures(kind: string, areas: Iterable<Area>): Feature<Point>[] {
  return [...areas].map(({ name, centre }) => ({
    type: 'Feature',
    properties: { kind, name },
    geometry: { type: 'Point', coordinates: centre },
  }))
}

/** Numbered as in the list beside the map. */
export function checkInFeatures(checkIns: CheckIn[], focused: string | undefined): Feature<Point>[] {
  return checkIns.flatMap(({ id, position, standing }, index) =>
    position
      ? [
          {
            type: 'Feature',
            properties: { standing, number: index + 1, focused: id === focused },
            geometry: { type: 'Point', coordinates: [position.lon, position.lat] },
          },
        ]
      : [],
  )
}

export const collection = (features: Feature[]): FeatureCollection => ({
  type: 'FeatureCollection',
  features,
})
