import { expect, it } from 'vitest'
import { boxOf, circle, joinPieces } from './geometry'

const square = (west: number, south: number, east: number, north: number) => ({
  type: 'Polygon' as const,
  coordinates: [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ],
})

it('joins what tile borders cut apart', () => {
  const areas = joinPieces([
    { id: 'a', name: '乐里镇', geometry: square(106, 24, 106.1, 24.1) },
    { id: 'a', name: '乐里镇', geometry: square(106.1, 24, 106.3, 24.1) },
    { id: 'b', name: '旧州镇', geometry: square(105, 24, 105.1, 24.2) },
  ])
  expect(areas.size).toBe(2)
  const { centre, box } = areas.get('a')!
  expect(centre[0]).toBeCloseTo(106.15, 6)
  expect(centre[1]).toBeCloseTo(24.05, 6)
  expect(box).toEqual([106, 24, 106.3, 24.1])
  expect(boxOf([box, areas.get('b')!.box])).toEqual([105, 24, 106.3, 24.2])
})

it('draws 1,000 m as far east as north', () => {
  const ring = circle(106, 24, 1000).geometry.coordinates[0]!
  expect((ring[0]![0]! - 106) * 111.32 * Math.cos((24 * Math.PI) / 180)).toBeCloseTo(1, 2)
  expect((ring[12]![1]! - 24) * 111.32).toBeCloseTo(1, 2)
})
