import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { texts as phone } from './texts.phone'
import { texts as console } from './texts'

const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

it.each([
  ['the console', console],
  ['the phone app', phone],
])('%s has the same texts in both languages, with the same places to fill in', (_, texts) => {
  const [zh, en] = [texts['zh-CN'], texts.en].map((table) =>
    Object.fromEntries(Object.entries(table).map(([key, text]) => [key, places(text)])),
  )
  expect(en).toEqual(zh)
})

it('the phone app says nothing that only the console has', () => {
  const folder = `${import.meta.dirname}/../../`
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /^(phone|shared)\/.*\.(vue|ts)$/.test(name) && !/\.test\.ts$|\/i18n\//.test(name),
  )
  const said = files.flatMap((name) =>
    [...readFileSync(folder + name, 'utf8').matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key]) => key!),
  )
  expect(said.length).toBeGreaterThan(100)
  expect(said.filter((key) => !(key in phone['zh-CN']))).toEqual([])
})
