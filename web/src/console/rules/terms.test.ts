import { expect, it } from 'vitest'
import type { Terms } from '../api/office'
import { bodyOf, NIGHT, termsOf } from './terms'

const TERMS: Terms = {
  name: '村干部夜访',
  name_en: 'Night visits',
  source: '县委办〔2026〕12号',
  categories: ['helper'],
  unit_ids: ['00000000-0000-0000-0000-000000000001'],
  except_ids: [],
  measure: 'visits',
  period: 'month',
  required: 2,
  per: 'person',
  days: 'calendar',
  share: 'whole',
  counts_in: 'assigned',
  household_required: true,
  form_required: true,
  min_dwell_min: 20,
  night: { start: '19:00', until: '06:00' },
  grace_h: 48,
  shift_closing: true,
}

it('sends what the form shows', () => {
  expect(bodyOf(TERMS, TERMS.night!, true)).toEqual(TERMS)
})

it('asks for no hours of the night unless they are ticked, or are what is counted', () => {
  expect(bodyOf(TERMS, NIGHT, false).night).toBeNull()
  expect(bodyOf({ ...TERMS, measure: 'nights' }, NIGHT, false).night).toEqual(NIGHT)
  expect(bodyOf({ ...TERMS, measure: 'nights_in_village' }, NIGHT, false).night).toEqual(NIGHT)
})

it('asks nothing of a visit where stays count', () => {
  expect(bodyOf({ ...TERMS, measure: 'hours_in_village' }, NIGHT, true)).toMatchObject({
    night: null,
    min_dwell_min: null,
    household_required: false,
    form_required: false,
  })
})

it('sends an emptied number as none', () => {
  const emptied = { ...TERMS, min_dwell_min: '' as unknown as number }
  expect(bodyOf(emptied, NIGHT, false).min_dwell_min).toBeNull()
})

it('begins with the terms alone, and never changes the lists that it was given', () => {
  const version = { ...TERMS, id: 'r1', version: 3, effective_from: '2026-11-01' }
  const draft = termsOf(version)
  expect(draft).toEqual(TERMS)
  draft.categories.push('leader')
  expect(version.categories).toEqual(['helper'])
})
