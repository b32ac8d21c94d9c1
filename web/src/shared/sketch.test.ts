import type { MultiPolygon } from 'geojson'
import { expect, it } from 'vitest'
import { sketch } from './sketch'

const square: MultiPolygon = {
  type: 'MultiPolygon',
  coordinates: [[[[106.2, 24.3], [106.24, 24.3], [106.24, 24.34], [106.2, 24.34], [106.2, 24.3]]]], // prettier-ignore
}

it('puts a fix in the middle of its village in the middle', () => {
  const { fix, fence } = sketch({ lon: 106.22, lat: 24.32, accuracy_m: 10 }, square, 200, 100)
  expect(fix).toEqual([100, 50])
  expect(fence).toMatch(/^M[\d. L]+Z$/)
})

it('keeps a far fix and its whole accuracy in the box, and the north up', () => {
  const far = sketch({ lon: 106.22, lat: 24.5, accuracy_m: 500 }, square, 200, 100)
  const [, y] = far.fix
  expect(y - far.accuracy).toBeGreaterThanOrEqual(0)
  expect(y).toBeLessThan(50)
})

it('says how long a round length is', () => {
  const { scale } = sketch({ lon: 106.22, lat: 24.32, accuracy_m: null }, square, 200, 100)
  expect(scale.metres).toBe(2000) // 72 pixels are the village's 4.45 km
  expect(scale.pixels).toBeCloseTo(32.3, 0)
})
