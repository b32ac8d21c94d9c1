import { expect, it } from 'vitest'
import { countClasses, rateClass } from './scale'

it.each([
  [0, 0],
  [0.599, 0],
  [0.6, 1],
  [0.749, 1],
  [0.75, 2],
  [0.9, 3],
  [0.9999, 3],
  [1, 4],
  [null, null],
])('a rate of %s is class %s', (rate, expected) => expect(rateClass(rate)).toBe(expected))

it('counts villages without rows, or with everyone excused, as owing nothing', () => {
  const none = { people: 0, met: 0, met_late: 0, missed: 0, excused: 0, pending_review: 0 }
  const rows = [
    { ...none, rate: 1, open: 0, awaiting_review: 0 },
    { ...none, rate: 0.5, open: 2, awaiting_review: 1 },
    { ...none, rate: 0.5, open: 1, awaiting_review: 1 },
    { ...none, rate: null, open: 0, awaiting_review: 0 },
  ]
  expect(countClasses(rows, 6)).toEqual({ classes: [2, 0, 0, 0, 1], nobody: 3, open: 1, awaiting: 2 })
})
