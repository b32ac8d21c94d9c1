// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { expect, it } from 'vitest'
import { forgetAnswers, forgetAnswersOf, keyOf, WHO } from './answers'
import { openDatabase } from './database'

const DAY = 86_400_000

it('forgets what is old or too much, never who is here, and what was whose', async () => {
  const database = await openDatabase('answers')
  const keep = (owner: string, path: string, day: number) =>
    database.put('answers', { at: day * DAY, body: path }, keyOf(owner, path))
  const keys = async () => (await database.getAllKeys('answers')).sort()
  await keep('me', '/v1/me', 100)
  await keep('me', '/v1/me/duties', 41)
  await keep('me', '/v1/me/duties?period=2025-W01', 39)
  await keep('you', '/v1/me', 90)
  await database.put('answers', { at: 999 * DAY, body: [] }, WHO) // by this phone's clock
  await forgetAnswers(database)
  expect(await keys()).toEqual(['me /v1/me', 'me /v1/me/duties', WHO, 'you /v1/me'].sort())
  await forgetAnswersOf(database, 'me')
  expect(await keys()).toEqual([WHO, 'you /v1/me'])
  for (let page = 1; page <= 400; page += 1) await keep('you', `/v1/me/check-ins/${page}`, 100 + page / 400)
  await forgetAnswers(database)
  const left = await keys()
  expect([left.length, left.includes('you /v1/me/check-ins/400'), left.includes('you /v1/me')]).toEqual([
    301,
    true,
    false,
  ])
})
