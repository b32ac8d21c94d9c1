// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { noticesEn } from '../../shared/i18n/notices.en'
import { noticesZh } from '../../shared/i18n/notices.zh'
import { named, unnamed } from './names'

const PLACES = ['person', 'days', 'rule']

it('shows places by their names, and gives back what the server has', () => {
  const text = '{person} {days}“{rule}”，联系 {{村部}}'
  expect(named(text)).toBe('{姓名} {周期起止}“{规则}”，联系 {{村部}}')
  expect(unnamed(named(text), PLACES)).toBe(text)
})

it('leaves what it does not know for the server to refuse', () => {
  expect(unnamed('{姓 名}{done}', PLACES)).toBe('{姓 名}{done}')
})

it.each([noticesZh, noticesEn])('calls no two places the same', (texts) => {
  const names = Object.entries(texts).filter(([key]) => key.startsWith('notices.place.'))
  expect(new Set(names.map(([, name]) => name)).size).toBe(names.length)
})
