import { describe, expect, it } from 'vitest'
import { parsePeriod, periodOn, stepPeriod } from './periods'

describe('weeks', () => {
  it.each([
    ['2026-11-16', '2026-W47', '2026-11-16', '2026-11-22'],
    ['2026-11-22', '2026-W47', '2026-11-16', '2026-11-22'],
    ['2026-11-23', '2026-W48', '2026-11-23', '2026-11-29'],
    ['2021-01-03', '2020-W53', '2020-12-28', '2021-01-03'], // the year of its Thursday
    ['2024-12-30', '2025-W01', '2024-12-30', '2025-01-05'],
  ])('%s lies in %s', (day, id, start, end) => {
    expect(periodOn(day, 'week')).toEqual({ id, kind: 'week', start, end })
  })

  it('steps over the end of a year with 53 weeks', () => {
    const last = parsePeriod('2026-W53')!
    expect(stepPeriod(last, 1).id).toBe('2027-W01')
    expect(stepPeriod(stepPeriod(last, 1), -1)).toEqual(last)
  })
})

it.each([
  ['2026-11', '2026-11-01', '2026-11-30', '2026-10', '2026-12'],
  ['2024-02', '2024-02-01', '2024-02-29', '2024-01', '2024-03'],
  ['2026-Q4', '2026-10-01', '2026-12-31', '2026-Q3', '2027-Q1'],
  ['2026-H2', '2026-07-01', '2026-12-31', '2026-H1', '2027-H1'],
  ['2026', '2026-01-01', '2026-12-31', '2025', '2027'],
])('%s runs from %s to %s between %s and %s', (id, start, end, before, after) => {
  const period = parsePeriod(id)!
  expect(period).toMatchObject({ id, start, end })
  expect(stepPeriod(period, -1).id).toBe(before)
  expect(stepPeriod(period, 1).id).toBe(after)
})

it.each([
  '',
  'W47',
  '2026-W54',
  '2025-W53',
  '2026-W00',
  '2026-13',
  '2026-00',
  '2026-Q5',
  '2026-H0',
  '2026-W4',
])('%j is no period', (id) => expect(parsePeriod(id)).toBeNull())
