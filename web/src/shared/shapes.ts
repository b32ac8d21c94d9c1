// Shapes in degrees: how far things reach, and how good a fix is.
import type { Feature, Polygon } from 'geojson'

export type Box = [west: number, south: number, east: number, north: number]

/** A circle of this radius in metres, near enough for drawing. */
export function circle(lon: number, lat: number, radius: number): Feature<Polygon> {
  const north = radius / 111_320
  const east = north / Math.cos((lat * Math.PI) / 180)
  const ring = Array.from({ length: 49 }, (_, i) => {
    const angle = (i * Math.PI) / 24
    return [lon + east * Math.cos(angle), lat + north * Math.sin(angle)]
  })
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } }
}

export function boxOf(boxes: Box[]): Box | null {
  if (!boxes.length) return null
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ]
}
