import { expect, it } from 'vitest'
import { silenceOf, waitingOf } from './silence'

const period = { start: '2026-11-16', end: '2026-11-22' }

it.each([
  ['missed', '2026-11-24', '2026-11-22T23:59:00+08:00', true], // silent since before the week was over
  ['missed', '2026-11-26', '2026-11-23T00:01:00+08:00', false],
  ['missed', '2026-11-26', '2026-11-22T16:30:00Z', false], // 00:30 on Monday in the county
  ['open', '2026-11-19', '2026-11-16T07:00:00+08:00', false], // the week still runs
  ['open', '2026-11-19', '2026-11-15T22:00:00+08:00', true],
  ['open', '2026-11-23', '2026-11-20T22:00:00+08:00', true], // over, and late uploads may still come
  ['met', '2026-11-26', '2026-11-01T22:00:00+08:00', false],
] as const)('%s on %s, heard from %s: silent is %s', (status, today, contact, silent) => {
  expect(silenceOf({ status, period, last_contact_at: contact }, today)).toEqual(
    silent ? { since: contact } : null,
  )
})

it('tells a phone that never spoke', () => {
  expect(silenceOf({ status: 'missed', period, last_contact_at: null }, '2026-11-24')).toBe('never')
})

it('says of who is behind alone what waits on the phone', () => {
  const waiting = { count: 2, oldest_at: null, said_at: '2026-11-18T04:00:00Z' }
  const owed = {
    status: 'missed',
    period: { start: '2026-11-16', end: '2026-11-22' },
    last_contact_at: null,
  } as const
  expect(waitingOf({ ...owed, waiting })).toBe(waiting)
  expect(waitingOf({ ...owed, status: 'met', waiting })).toBe(null)
  expect(waitingOf({ ...owed, waiting: { ...waiting, count: 0 } })).toBe(null)
  expect(waitingOf({ ...owed, waiting: null })).toBe(null)
})
