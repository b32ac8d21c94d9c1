import { expect, it } from 'vitest'
import { behindIn, countOf, queryFor, shownAs, WORST_FIRST } from './duties'

const tally = { met: 3, met_late: 1, open: 5, awaiting_review: 2, missed: 4, excused: 1 }

it('counts everyone once, and nobody as behind whose check-ins await review', () => {
  expect(WORST_FIRST.map((shown) => countOf(tally, shown))).toEqual([4, 3, 2, 1, 3, 1])
  expect(behindIn(tally)).toBe(7)
})

it('says of an open duty that held check-ins could meet that it awaits review', () => {
  expect(shownAs({ status: 'open', review_due_at: '2026-12-04T05:00:00+08:00' })).toBe('awaiting_review')
  expect(shownAs({ status: 'open', review_due_at: null })).toBe('open')
  expect(shownAs({ status: 'missed', review_due_at: '2026-12-04T05:00:00+08:00' })).toBe('missed')
})

it('asks the server for the same people that it counts', () => {
  expect(queryFor('open')).toEqual({ status: 'open', awaiting_review: false })
  expect(queryFor('awaiting_review')).toEqual({ status: 'open', awaiting_review: true })
  expect(queryFor('missed')).toEqual({ status: 'missed' })
})
