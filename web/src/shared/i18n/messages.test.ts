import { expect, it } from 'vitest'
import { en } from './en'
import { zh } from './zh'

const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

it('has the same keys in both languages', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
})

it.each(Object.entries(zh))('%s has the same places to fill in', (key, text) => {
  expect(places(en[key as keyof typeof zh])).toEqual(places(text))
})
