// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import type { Compliance, Tally } from '../../shared/api/types'
import { shadeOf, shadesOf } from './scale'

const NOBODY: Tally = {
  ...{ people: 0, met: 0, met_late: 0, open: 0, missed: 0, excused: 0 },
  ...{ awaiting_review: 0, at_risk: 0, pending_review: 0, rate: null },
}
const row = (changed: Partial<Tally>): Tally => ({ ...NOBODY, ...changed })

it.each([
  [0, 'rate_0'],
  [0.599, 'rate_0'],
  [0.6, 'rate_60'],
  [0.899, 'rate_75'],
  [0.9, 'rate_90'],
  [0.999, 'rate_90'],
  [1, 'rate_100'],
  [null, 'nobody'],
] as const)('of a closed period says the rate: %s is %s', (rate, shade) => {
  expect(shadeOf(row({ people: 5, rate }), true)).toBe(shade)
})

it.each([
  [{ people: 2, open: 2, at_risk: 1 }, 'at_risk'],
  [{ people: 2, open: 2 }, 'to_do'],
  [{ people: 2, open: 1, met: 1, awaiting_review: 1 }, 'awaiting'],
  [{ people: 2, met: 1, excused: 1 }, 'done'],
  [{ people: 2, excused: 2 }, 'nobody'],
] as const)('of a running period says how people stand: %o is %s', (changed, shade) => {
  expect(shadeOf(row({ rate: 0, ...changed }), false)).toBe(shade)
})

it('counts the villages of each, and those that have no row', () => {
  const of = (closes_at: string) =>
    ({
      period: { closes_at },
      items: [row({ people: 1, open: 1, rate: 0 }), row({ people: 1, met: 1, rate: 1 }), row({})],
    }) as unknown as Compliance
  const counted = (compliance: Compliance) =>
    shadesOf(compliance, 5).flatMap(({ shade, count }) => (count ? [[shade, count]] : []))
  expect(counted(of('2000-01-01T00:00:00Z'))).toEqual([
    ['rate_0', 1],
    ['rate_100', 1],
    ['nobody', 3],
  ])
  expect(counted(of('2999-01-01T00:00:00Z'))).toEqual([
    ['to_do', 1],
    ['done', 1],
    ['nobody', 3],
  ])
})
