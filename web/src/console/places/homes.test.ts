import { expect, test } from 'vitest'
import type { Fence } from '../api/reviews'
import { metresOutside, pointOf } from './homes'

test('two numbers are a point, two blanks none, and anything else is said to be wrong', () => {
  expect(pointOf('106.2', ' 24.3')).toEqual({ lon: 106.2, lat: 24.3 })
  expect(pointOf('', ' ')).toBeNull()
  expect(pointOf('106.2', '')).toBeUndefined()
  expect(pointOf('', '24.3')).toBeUndefined()
  expect(pointOf('东经106', '24.3')).toBeUndefined()
})

test('a point outside the boundary that holds is so many metres off, and none where there is no boundary', () => {
  const square = (west: number) => ({
    type: 'MultiPolygon',
    coordinates: [
      [
        [
          [west, 24],
          [west + 0.1, 24],
          [west + 0.1, 24.1],
          [west, 24.1],
          [west, 24],
        ],
      ],
    ],
  })
  const fences = [
    { valid_until: null, geometry: square(106) },
    { valid_until: '2026-01-01', geometry: square(107) },
  ] as unknown as Fence[]
  expect(metresOutside({ lon: 106.05, lat: 24.05 }, fences)).toBe(0)
  expect(metresOutside({ lon: 107.05, lat: 24.05 }, fences)).toBeGreaterThan(90_000)
  expect(metresOutside({ lon: 107.05, lat: 24.05 }, [])).toBe(0)
})
