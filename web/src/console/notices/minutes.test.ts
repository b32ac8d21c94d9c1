import { expect, it } from 'vitest'
import { CLOCK, toClock, toMinutes } from './minutes'

it.each([
  [0, '00:00'],
  [450, '07:30'],
  [1439, '23:59'],
])('%i minutes after midnight is %s', (minutes, clock) => {
  expect(toClock(minutes)).toBe(clock)
  expect(toMinutes(clock)).toBe(minutes)
})

it.each(['24:00', '7:30', '12:60', ''])('%s is no time of day', (clock) => {
  expect(new RegExp(`^(${CLOCK})$`).test(clock)).toBe(false)
})
