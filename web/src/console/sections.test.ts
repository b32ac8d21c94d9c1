// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { SECTIONS } from './sections'
import { en } from '../shared/i18n/en'
import { zh } from '../shared/i18n/zh'

it('names every page of the menu in both languages', () => {
  expect(SECTIONS.length).toBeGreaterThan(10)
  for (const section of SECTIONS) {
    expect(zh).toHaveProperty([`office.${section}`])
    expect(en).toHaveProperty([`office.${section}`])
  }
})
