// A check-in beside the fence it was judged against, as shapes in a box of pixels. No map library: a list holds many.
import type { MultiPolygon } from 'geojson'
import { boxOf, circle, type Box } from './shapes'

const METRES_A_DEGREE = 111_320

export interface Sketch {
  fence: string // an SVG path, to be filled by the even-odd rule
  fix: [x: number, y: number]
  accuracy: number // radius in pixels, 0 where unknown
  scale: { metres: number; pixels: number }
}

interface Fix {
  lon: number
  lat: number
  accuracy_m: number | null
}

export function sketch(fix: Fix, area: MultiPolygon, width: number, height: number, margin = 14): Sketch {
  const metres = fix.accuracy_m ?? 0
  const rings = area.coordinates.flat()
  const [round] = circle(fix.lon, fix.lat, Math.max(metres, 1)).geometry.coordinates
  const [west, south, east, north] = boxOf([...rings, round!].map(boxOfRing))!
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const perDegree = Math.min(
    (width - 2 * margin) / ((east - west) * squeeze || 1e-9),
    (height - 2 * margin) / (north - south || 1e-9),
  )
  const place = ([lon = 0, lat = 0]: number[]): [number, number] => [
    round1(width / 2 + (lon - (west + east) / 2) * squeeze * perDegree),
    round1(height / 2 - (lat - (south + north) / 2) * perDegree),
  ]
  const perMetre = perDegree / METRES_A_DEGREE
  return {
    fence: rings.map((ring) => `M${ring.map((point) => place(point).join(' ')).join('L')}Z`).join(''),
    fix: place([fix.lon, fix.lat]),
    accuracy: round1(metres * perMetre),
    scale: scaleOf(width / 4 / perMetre, perMetre),
  }
}

/** A round length no longer than `longest` metres. */
function scaleOf(longest: number, perMetre: number): Sketch['scale'] {
  const power = 10 ** Math.floor(Math.log10(longest))
  const metres = power * ([5, 2, 1].find((step) => step * power <= longest) ?? 1)
  return { metres, pixels: round1(metres * perMetre) }
}

function boxOfRing(ring: number[][]): Box {
  const lons = ring.map(([lon = 0]) => lon)
  const lats = ring.map(([, lat = 0]) => lat)
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}

const round1 = (value: number) => Math.round(value * 10) / 10
