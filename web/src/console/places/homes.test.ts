import { expect, test } from 'vitest'
import { pointOf } from './homes'

test('two numbers are a point, two blanks none, and anything else is said to be wrong', () => {
  expect(pointOf('106.2', ' 24.3')).toEqual({ lon: 106.2, lat: 24.3 })
  expect(pointOf('', ' ')).toBeNull()
  expect(pointOf('106.2', '')).toBeUndefined()
  expect(pointOf('', '24.3')).toBeUndefined()
  expect(pointOf('东经106', '24.3')).toBeUndefined()
})
