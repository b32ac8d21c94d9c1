import { expect, it } from 'vitest'
import { metresTo, metresToFence } from './fences'

const degree = 1 / 111_320
const square = (west: number, south: number, side: number) => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
  [west, south],
]
const area = {
  type: 'Polygon' as const,
  coordinates: [square(0, 0, 1000 * degree), square(400 * degree, 400 * degree, 200 * degree)],
}
const at = (x: number, y: number) => ({ lon: x * degree, lat: y * degree })

it.each([
  [at(100, 500), -100],
  [at(-50, 500), 50],
  [at(500, 500), 100], // in the hole
  [at(1030, 1040), 50], // off the corner
])('%o is so many metres from the fence', (here, metres) => {
  expect(metresToFence(here, area)).toBeCloseTo(metres, 0)
})

it('measures between points at our latitude', () => {
  expect(metresTo({ lon: 106, lat: 24 }, { lon: 106.01, lat: 24 })).toBeCloseTo(1017, -1)
})
