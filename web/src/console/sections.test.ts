// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { SECTIONS } from './sections'
import { texts } from '../shared/i18n/texts'

it('names every page of the menu in both languages', () => {
  expect(SECTIONS.length).toBeGreaterThan(10)
  for (const section of SECTIONS) {
    expect(texts['zh-CN']).toHaveProperty([`office.${section}`])
    expect(texts.en).toHaveProperty([`office.${section}`])
  }
})
