// @vitest-environment happy-dom
// Leave, appeals and what was read, against a server that fails: filed once, never lost, refused with a reason.
import 'fake-indexeddb/auto'
import { beforeEach, expect, it } from 'vitest'
import { Problem } from '../../shared/api/http'
import { backup, restore } from '../store/backup'
import { openDatabase, type Database } from '../store/database'
import { keepPhoto, photosOf } from '../store/items'
import { dropLetter, keepLetter, lettersOf, newLetter, postLetter } from '../store/letters'
import type { Ask, Reply } from './ask'
import { sendLetters } from './letters'
import { Sender } from './sender'

let database: Database
let databases = 0
let asked: { path: string; json: unknown }[]
beforeEach(async () => {
  database = await openDatabase(`letters-${(databases += 1)}`)
  asked = []
})

const problem = (status: number): Reply => ({
  status,
  body: {},
  problem: {
    type: '/problems/some',
    title: 'no',
    status,
    detail: 'why',
    errors: [],
  } as unknown as Problem['body'],
  retryAfterMs: null,
})
const answers =
  (...replies: (number | Error)[]): Ask =>
  async (path, wish) => {
    asked.push({ path, json: wish!.json })
    const reply = replies.shift() ?? 201
    if (reply instanceof Error) throw reply
    return reply < 300 ? { ...problem(reply), problem: null } : problem(reply)
  }
const send = (ask: Ask) => sendLetters(database, ask, 'me', () => 1)
const states = async () => (await lettersOf(database, 'me')).map(({ state }) => state)
const leave = (reason = '事') => newLetter('me', 'leave', '', { kind: 'sick', reason })

it('files what was posted under its own id, and no draft', async () => {
  const posted = leave()
  await postLetter(database, posted)
  await keepLetter(database, leave('half written'))
  expect(await send(answers())).toBeNull()
  expect(asked).toEqual([{ path: '/v1/me/leave', json: { id: posted.id, kind: 'sick', reason: '事' } }])
  expect(await states()).toEqual(['draft'])
})

it('is the same again after an answer that was lost', async () => {
  await postLetter(database, leave())
  await expect(send(answers(new TypeError('lost')))).rejects.toThrow('lost')
  expect(await states()).toEqual(['waiting'])
  await send(answers(200))
  expect(asked[1]).toEqual(asked[0])
  expect(await states()).toEqual([])
})

it.each([429, 500, 503])('waits, and those behind it, where the server says %s', async (status) => {
  await postLetter(database, leave())
  await new Promise((done) => setTimeout(done, 2))
  await postLetter(database, newLetter('me', 'appeal', 'flag/f', { flag_id: 'f', text: 'x' }))
  expect((await send(answers(status)))?.status).toBe(status)
  expect([asked.length, await states()]).toEqual([1, ['waiting', 'waiting']])
})

it('believes no refusal that is not our server’s', async () => {
  await postLetter(database, leave())
  await send(async () => ({ ...problem(403), problem: null }))
  await send(async () => ({ ...problem(200), body: null, problem: null })) // a hotel's sign-in page
  expect(await states()).toEqual(['waiting'])
})

it('what is refused keeps its words and the reason, and lets the others pass', async () => {
  await postLetter(database, leave())
  await new Promise((done) => setTimeout(done, 2)) // they go out in the order of their time
  await postLetter(database, newLetter('me', 'withdraw', 'leave-1', {}))
  await send(answers(409, 200))
  const [kept] = await lettersOf(database, 'me')
  expect([kept!.state, kept!.body.reason, kept!.trouble!.problem!.detail]).toEqual(['refused', '事', 'why'])
  expect(asked[1]).toEqual({ path: '/v1/me/leave/leave-1/withdraw', json: undefined })
})

it('a notice that the server does not know is no loss', async () => {
  await postLetter(database, newLetter('me', 'read', 'gone', {}))
  await send(answers(404))
  expect([asked[0]!.path, await states()]).toEqual(['/v1/me/notices/gone/read', []])
})

it('the photos of what was filed go up after it, those of what is thrown away with it', async () => {
  const photo = () => keepPhoto(database, 'me', new Uint8Array([1]).buffer)
  const [up, thrown] = [
    { ...leave(), photoIds: [await photo(), await photo()] },
    { ...leave(), photoIds: [await photo()] },
  ]
  await postLetter(database, up)
  await keepLetter(database, thrown)
  await send(answers())
  expect(asked[0]!.json).toMatchObject({ photo_ids: up.photoIds })
  await dropLetter(database, thrown)
  expect((await photosOf(database, 'me')).map(({ id, filed }) => [id, filed]).sort()).toEqual(
    up.photoIds.map((id) => [id, true]).sort(),
  )
  const paths: string[] = []
  const world = {
    now: () => 1,
    random: () => 0,
    offset: () => 0,
    freeze: () => ({}) as never,
    sending: () => undefined,
  }
  await new Sender(
    database,
    async (path) => (paths.push(path), { ...problem(201), problem: null }),
    world,
  ).pass('me')
  expect([paths.sort(), await photosOf(database, 'me')]).toEqual([
    up.photoIds.map((id) => `/v1/photos/${id}`).sort(),
    [],
  ])
})

it('complaint 11: a backup holds letters too', async () => {
  await postLetter(database, leave())
  const cleared = await openDatabase(`cleared-letters-${databases}`)
  expect(await restore(cleared, 'me', await backup(database, 'me'))).toBe(1)
  expect(await lettersOf(cleared, 'me')).toEqual(await lettersOf(database, 'me'))
})
