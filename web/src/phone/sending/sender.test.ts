// @vitest-environment happy-dom
// The queue against a server that fails in every way there is, on a real IndexedDB (fake-indexeddb): what is there
// in the end is there once, and nothing is missing.
import 'fake-indexeddb/auto'
import { beforeEach, expect, it } from 'vitest'
import { Problem } from '../../shared/api/http'
import { openDatabase, type Database, type Item, type Visit } from '../store/database'
import { backup, NotOurs, restore } from '../store/backup'
import {
  addFix,
  discard,
  dropDraft,
  itemsOf,
  keepDraft,
  keepPhoto,
  mend,
  photosOf,
  save,
} from '../store/items'
import { Slow, type Ask, type Reply } from './ask'
import { Sender } from './sender'
import { wireOf } from './wire'

const FIX = { lon: 106.22, lat: 24.32, accuracy: 12, altitude: null, speed: null, at: 1_000 }
const visit = (at: number, changes: Partial<Visit> = {}): Visit => ({
  capturedAt: at,
  offset: 0,
  fix: { ...FIX, at },
  noFix: null,
  purpose: 'household_visit',
  householdId: null,
  villageId: null,
  note: `visit ${at}`,
  photoIds: [],
  form: null,
  ...changes,
})

type Sent = { check_ins: { id: string; note: string }[]; waiting: number }
const ok = (body: unknown): Reply => ({ status: 200, body, problem: null, retryAfterMs: null })
const said = (status: number, extra: Partial<Reply> = {}): Reply => ({
  status,
  body: null,
  problem: {
    type: '/problems/some',
    title: 'no',
    status,
    detail: 'why',
    errors: [],
  } as unknown as Problem['body'],
  retryAfterMs: null,
  ...extra,
})

let database: Database
let now = 1_000_000
/** What the server holds, by id. */
let held: Map<string, string>
let batches: number[]
const bad = (note: string) => note.includes('bad')

function take(json: unknown): Reply {
  const { check_ins } = json as Sent
  batches.push(check_ins.length)
  const results = check_ins.map((each, index) => {
    const before = held.get(each.id)
    if (bad(each.note))
      return { index, id: each.id, status: 'invalid', check_in: null, problem: said(422).problem }
    if (before !== undefined && before !== JSON.stringify(each))
      return { index, id: each.id, status: 'conflict', problem: said(409).problem }
    held.set(each.id, JSON.stringify(each))
    return {
      index,
      id: each.id,
      status: before ? 'duplicate' : 'recorded',
      check_in: { standing: 'counted' },
      problem: null,
    }
  })
  return ok({ results, duties: [] })
}

const sender = (ask: Ask) =>
  new Sender(database, ask, {
    now: () => now,
    random: () => 0,
    offset: () => 0,
    freeze: (item) => wireOf(item, 0, String, 'test'),
    sending: () => undefined,
  })
const states = async () => (await itemsOf(database, 'me')).map(({ state }) => state)

let databases = 0
beforeEach(async () => {
  database = await openDatabase(`test-${(databases += 1)}`)
  held = new Map()
  batches = []
  now = 1_000_000
})

it('complaint 9, 16: answers 401, 429, 500, 503, hangs, drops after the commit: all there, none twice', async () => {
  for (let at = 1; at <= 500; at += 1) await save(database, 'me', visit(at))
  const signedOut = new Problem(said(401).problem!)
  const faults: (() => Reply)[] = [
    () => said(429, { retryAfterMs: 90_000 }),
    () => said(500),
    () => said(503, { retryAfterMs: 7_000 }),
    () => said(502, { problem: null }),
    () => said(200, { body: '<html>hotel sign-in', problem: null }),
    () => {
      throw new TypeError('failed to fetch')
    },
    () => {
      throw signedOut
    },
  ]
  let turn = 0
  const mine = sender(async (_, wish) => {
    turn += 1
    if (turn % 2) return faults[Math.floor(turn / 2) % faults.length]!()
    const reply = take(wish!.json)
    if (turn % 4 === 0) throw new Slow() // stored, and the answer lost
    return reply
  })
  for (let pass = 0; pass < 1_000 && (await states()).includes('waiting'); pass += 1) {
    const { againIn, stopped } = await mine.pass('me')
    if (stopped === 'signed_out') expect(againIn).toBeNull() // until somebody signs in
    now += againIn ?? 1_000
  }
  expect(new Set(await states())).toEqual(new Set(['stored']))
  expect(held.size).toBe(500)
}, 30_000)

it('waits as long as the server asks', async () => {
  await save(database, 'me', visit(1))
  expect((await sender(async () => said(503, { retryAfterMs: 90_000 })).pass('me')).againIn).toBe(90_000)
})

it('waits longer from failure to failure, five minutes at most, and starts anew where there is hope', async () => {
  await save(database, 'me', visit(1))
  const mine = sender(async () => said(503))
  const waits: (number | null)[] = []
  for (let i = 0; i < 10; i += 1) waits.push((await mine.pass('me')).againIn)
  expect([waits[0], waits[1], waits[9]]).toEqual([2_000, 4_000, 300_000])
  mine.hopeful()
  expect((await mine.pass('me')).againIn).toBe(2_000) // complaint 6
})

it('complaint 8: a bad visit passes by, those behind it go up; it needs mending and says why', async () => {
  await save(database, 'me', visit(1, { note: 'bad' }))
  for (let at = 2; at <= 5; at += 1) await save(database, 'me', visit(at))
  await sender(async (_, wish) => take(wish!.json)).pass('me')
  expect(await states()).toEqual(['mend', 'stored', 'stored', 'stored', 'stored'])
  const [first] = await itemsOf(database, 'me')
  expect(first!.trouble!.problem!.detail).toBe('why') // complaint 4
  await mend(database, first!.id, { note: 'good' })
  await sender(async (_, wish) => take(wish!.json)).pass('me')
  expect([held.size, (await states())[0], held.has(first!.id)]).toEqual([5, 'stored', true])
})

it('complaint 8: a batch refused as a whole is halved until the bad one stands alone', async () => {
  for (let at = 1; at <= 9; at += 1)
    await save(database, 'me', visit(at, { note: at === 4 ? 'bad' : `visit ${at}` }))
  await sender(async (_, wish) => {
    const { check_ins } = wish!.json as Sent
    return check_ins.some(({ note }) => bad(note)) ? said(422) : take(wish!.json)
  }).pass('me')
  expect((await states()).filter((state) => state === 'mend')).toHaveLength(1)
  expect(held.size).toBe(8)
})

it('believes no refusal that is not our server’s', async () => {
  await save(database, 'me', visit(1))
  for (const status of [400, 403, 404, 413, 422]) {
    await sender(async () => said(status, { problem: null })).pass('me')
    expect(await states()).toEqual(['waiting'])
  }
})

it('a visit on which the server fails lets the others pass; each failure ends the pass', async () => {
  for (let at = 1; at <= 6; at += 1)
    await save(database, 'me', visit(at, { note: at === 1 ? 'crash' : 'fine' }))
  const answers: string[] = []
  const mine = sender(async (_, wish) => {
    const { check_ins } = wish!.json as Sent
    const crashes = check_ins.some(({ note }) => note === 'crash')
    answers.push(crashes ? 'failed' : 'taken')
    return crashes ? said(500) : take(wish!.json)
  })
  for (let i = 0; i < 6; i += 1) {
    answers.length = 0
    const { againIn } = await mine.pass('me')
    expect(answers.indexOf('failed')).toBeOneOf([-1, answers.length - 1])
    now += againIn ?? 0
  }
  expect(await states()).toEqual(['waiting', 'stored', 'stored', 'stored', 'stored', 'stored'])
  let asked = 0
  const down = sender(async () => {
    asked += 1
    return said(500)
  })
  for (let at = 11; at <= 20; at += 1) await save(database, 'me', visit(at))
  now += 600_000
  await down.pass('me')
  expect(asked).toBe(1) // not one by one
})

it('complaint 5: deferred, unknown and missing results are sent again, unchanged', async () => {
  for (const at of [1, 2, 3]) await save(database, 'me', visit(at))
  const answers = ['deferred', 'something new', undefined]
  const sent: string[] = []
  let first = true
  const mine = sender(async (_, wish) => {
    sent.push(JSON.stringify((wish!.json as Sent).check_ins))
    if (!first) return take(wish!.json)
    first = false
    const results = answers.flatMap((status, index) =>
      status ? [{ index, id: 'x', status, check_in: null, problem: null }] : [],
    )
    return ok({ results, duties: [] })
  })
  const { againIn } = await mine.pass('me')
  expect(await states()).toEqual(['waiting', 'waiting', 'waiting'])
  now += againIn!
  await mine.pass('me')
  expect([sent[1], await states()]).toEqual([sent[0], ['stored', 'stored', 'stored']])
})

it('what has been on the wire never changes, even where the fix comes between', async () => {
  const { id } = await save(database, 'me', visit(1, { fix: null, noFix: 'timeout' }))
  const positions: string[] = []
  const sent: string[] = []
  let lose = true
  const mine = sender(async (path, wish) => {
    if (path.endsWith('/position')) {
      positions.push(path)
      return ok({ standing: 'counted' })
    }
    sent.push(JSON.stringify((wish!.json as Sent).check_ins))
    const reply = take(wish!.json)
    if (lose) throw new TypeError('connection lost')
    return reply
  })
  await mine.pass('me')
  await addFix(database, id, FIX)
  lose = false
  now += 600_000
  await mine.pass('me')
  expect(sent[1]).toBe(sent[0])
  expect(positions).toEqual([`/v1/check-ins/${id}/position`])
  expect((await itemsOf(database, 'me'))[0]!.laterFix).toBeNull()
})

it('complaint 15: a fix that follows has its own time; the visit waits for it, others do not wait for the visit', async () => {
  const waits = await save(database, 'me', visit(now, { fix: null, noFix: 'timeout' }), now + 90_000)
  await save(database, 'me', visit(now + 1))
  const mine = sender(async (_, wish) => take(wish!.json))
  const { againIn } = await mine.pass('me')
  expect([await states(), againIn]).toEqual([['waiting', 'stored'], 90_000])
  await addFix(database, waits.id, { ...FIX, at: now + 30_000 })
  now += 90_000
  await mine.pass('me')
  const wire = JSON.parse(held.get(waits.id)!) as { position: { fixed_at: string }; captured_at: string }
  expect(Date.parse(wire.position.fixed_at) - Date.parse(wire.captured_at)).toBe(30_000)
})

it('a wrong clock: the server’s time is sent, and the note says what the phone showed', () => {
  const day = 86_400_000
  const item = { id: 'a', visit: visit(5_000, { offset: null, note: 'here' }) } as Item
  const wire = wireOf(item, -day, (ms) => `[phone ${ms}]`, 'test')
  expect(Date.parse(wire.captured_at)).toBe(5_000 - day)
  expect(Date.parse(wire.position!.fixed_at!)).toBe(5_000 - day)
  expect(wire.note).toBe('here [phone 5000]')
  expect(wireOf(item, 60_000, String, 'test').note).toBe('here')
})

it('two people on one phone: the queue of each is sent as themselves only', async () => {
  await save(database, 'me', visit(1))
  await save(database, 'you', visit(2))
  await sender(async (_, wish) => take(wish!.json)).pass('me')
  expect([...held.values()].map((text) => JSON.parse(text).note)).toEqual(['visit 1'])
  expect((await itemsOf(database, 'you')).map(({ state }) => state)).toEqual(['waiting'])
})

it('photos go up after the visits, one that is refused keeps its bytes and its reason', async () => {
  const good = await keepPhoto(database, 'me', new Uint8Array([1, 2]).buffer)
  const broken = await keepPhoto(database, 'me', new Uint8Array([3]).buffer)
  await keepPhoto(database, 'me', new Uint8Array([4]).buffer) // of a draft: not yet
  await save(database, 'me', visit(1, { photoIds: [good, broken] }))
  const asked: string[] = []
  await sender(async (path, wish) => {
    asked.push(path)
    if (wish!.bytes) return path.endsWith(broken) ? said(415) : said(201, { problem: null })
    return take(wish!.json)
  }).pass('me')
  expect(asked[0]).toBe('/v1/check-ins/batch')
  expect(asked).toHaveLength(3)
  const kept = new Map((await photosOf(database, 'me')).map((each) => [each.id, each]))
  expect([kept.get(good)!.state, kept.get(good)!.bytes]).toEqual(['stored', null])
  expect([kept.get(broken)!.state, kept.get(broken)!.bytes?.byteLength]).toEqual(['refused', 1])
})

it('photos go with what they were taken for', async () => {
  const [ofDraft, ofBad] = [new Uint8Array([1]).buffer, new Uint8Array([2]).buffer]
  const bad = await save(
    database,
    'me',
    visit(1, { note: 'bad', photoIds: [await keepPhoto(database, 'me', ofBad)] }),
  )
  await keepDraft(database, {
    ...visit(2),
    owner: 'me',
    photoIds: [await keepPhoto(database, 'me', ofDraft)],
  })
  await sender(async (_, wish) => (wish!.bytes ? said(503) : take(wish!.json))).pass('me')
  await dropDraft(database, 'me')
  expect(await photosOf(database, 'me')).toHaveLength(1)
  await discard(database, bad.id)
  expect([await photosOf(database, 'me'), await itemsOf(database, 'me')]).toEqual([[], []])
})

it('complaint 11: a backup holds what waits, photos included, and comes back once, to its owner only', async () => {
  const photo = await keepPhoto(database, 'me', new Uint8Array([1, 2, 255]).buffer)
  await save(database, 'me', visit(1, { photoIds: [photo] }))
  const file = await backup(database, 'me')
  const cleared = await openDatabase(`cleared-${databases}`)
  await expect(restore(cleared, 'you', file)).rejects.toBeInstanceOf(NotOurs)
  await expect(restore(cleared, 'me', '{}')).rejects.toBeInstanceOf(NotOurs)
  expect([await restore(cleared, 'me', file), await restore(cleared, 'me', file)]).toEqual([1, 0])
  expect(await itemsOf(cleared, 'me')).toEqual(await itemsOf(database, 'me'))
  expect(new Uint8Array((await photosOf(cleared, 'me'))[0]!.bytes!)).toEqual(new Uint8Array([1, 2, 255]))
})

it('complaint 10: mending a conflict makes it a visit of its own', async () => {
  const { id } = await save(database, 'me', visit(1))
  held.set(id, 'another content')
  const mine = sender(async (_, wish) => take(wish!.json))
  await mine.pass('me')
  expect(await states()).toEqual(['mend'])
  // the server says 409 in the problem's status
  await mend(database, id, {})
  await mine.pass('me')
  expect([await states(), held.size, held.get(id)]).toEqual([['stored'], 2, 'another content'])
})
