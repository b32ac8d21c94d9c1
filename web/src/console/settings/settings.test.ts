// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { read, said, written } from './settings'

const night = { unit: 'clock' as const, value: 29 * 60 }

it('writes a time of the next morning as a time of day, and reads it back as one of the next morning', () => {
  expect(written(night, night.value)).toBe('05:00')
  expect(read(night, '04:30')).toBe(28 * 60 + 30)
  expect(read({ unit: 'clock', value: 480 }, '07:15')).toBe(435)
})

it.each(['', ' ', 'x', '25:00', '7:15'])('takes %j for no time and no number', (text) => {
  expect(read(night, text)).toBeUndefined()
  if (text !== '7:15') expect(read({ unit: 'm', value: 1 }, text)).toBeUndefined()
})

it('says whose day a time is, and how a switch stands', () => {
  expect(said(night, night.value)).toBe('次日 05:00')
  expect(said({ unit: 'switch' }, false)).toBe('关')
  expect(read({ unit: 'switch', value: false }, 'true')).toBe(true)
})
