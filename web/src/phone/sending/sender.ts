// Sends what waits: in order, in batches. It never decides that a visit is lost: `invalid` and `conflict` wait for
// their owner, everything else is sent again, for ever.
import type { Schemas } from '../../shared/api/wire'
import { Problem } from '../../shared/api/http'
import type { Answer, Database, Item, Photo, Trouble, Wire } from '../store/database'
import { isFull } from '../store/full'
import { change, changeAll, changePhoto, dropPhoto, forgetStored, itemsOf, photosOf } from '../store/items'
import { Slow, type Ask, type Reply } from './ask'
import { sendLetters } from './letters'
import { correction, positionOf } from './wire'

const MOST = 100 // visits a batch
const MOST_SIGNS = 400_000 // of JSON a batch
const LONGEST_MS = 300_000 // between two tries
const AT_FAULT_MS = 2 * LONGEST_MS // a visit that the server fails on, alone: those behind it go first

export interface World {
  now: () => number // ms
  random: () => number
  offset: () => number | null
  freeze: (item: Item) => Wire
  sending: (ids: string[]) => void // told before they go out, and with none after
}

/** What became of a pass: when to come again (ms; null when nothing waits), and what stopped it. */
export interface Pass {
  againIn: number | null
  stopped: Trouble | 'signed_out' | null
}

export class Sender {
  private failures = 0
  private most = MOST
  private crashes = 0 // of the server, one after the other
  private eager = false

  constructor(
    private readonly database: Database,
    private readonly ask: Ask,
    private readonly world: World,
  ) {}

  /** Somebody asked, or the network came back: what was put off goes now, and the next failure waits the shortest time. */
  hopeful(): void {
    this.failures = 0
    this.eager = true
  }

  async pass(owner: string): Promise<Pass> {
    try {
      if (this.eager) await this.wake(owner)
      await this.visits(owner)
      await this.positions(owner)
      await this.letters(owner)
      await this.photos(owner)
      this.failures = 0
      await forgetStored(this.database, owner)
      return { againIn: await this.next(owner), stopped: null }
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return { againIn: null, stopped: 'signed_out' }
      const stop = error instanceof Stopped ? error : new Stopped(this.trouble(error))
      this.failures += 1
      return { againIn: Math.max(stop.retryAfterMs ?? 0, this.backoff(this.failures)), stopped: stop.trouble }
    } finally {
      this.world.sending([])
    }
  }

  private async wake(owner: string): Promise<void> {
    this.eager = false
    const now = this.world.now()
    const asleep = ({ notBefore }: Item) => notBefore > now && notBefore <= now + LONGEST_MS
    const ids = (await itemsOf(this.database, owner)).filter(asleep).map(({ id }) => id)
    await changeAll(this.database, ids, () => ({ notBefore: 0 }))
  }

  private async visits(owner: string): Promise<void> {
    for (;;) {
      const items = await itemsOf(this.database, owner)
      const now = this.world.now()
      const waiting = items.filter(({ state }) => state === 'waiting')
      const ready = waiting.filter(
        ({ wire, settleUntil, notBefore }) => notBefore <= now && (wire || settleUntil <= now),
      )
      if (!ready.length) return
      const batch = await this.frozen(ready.slice(0, this.most))
      const beside = waiting.length - batch.length
      const oldest = waiting.find(({ id }) => !batch.some((sent) => sent.id === id))
      await this.send(batch, beside, oldest)
    }
  }

  /** From here on they never change: an answer to them may get lost on its way. */
  private async frozen(items: Item[]): Promise<Wire[]> {
    let signs = 0
    const ids = items.map(({ id }) => id)
    const batch = await changeAll(this.database, ids, (item) => {
      if (item.state !== 'waiting' || signs > MOST_SIGNS) return null // another tab was faster; the batch is full
      const wire = item.wire ?? this.world.freeze(item)
      signs += JSON.stringify(wire).length
      return { wire, tries: item.tries + 1 }
    })
    const before = new Map(items.map(({ id, tries }) => [id, tries]))
    return batch.flatMap(({ id, state, tries, wire }) =>
      state === 'waiting' && wire && tries > before.get(id)! ? [wire] : [],
    )
  }

  private async send(batch: Wire[], waiting: number, oldest: Item | undefined): Promise<void> {
    const ids = batch.map(({ id }) => id)
    if (!ids.length) return
    this.world.sending(ids)
    const oldest_waiting_at =
      oldest && new Date(oldest.visit.capturedAt + correction(oldest.visit.offset)).toISOString()
    let reply: Reply
    try {
      reply = await this.ask('/v1/check-ins/batch', {
        method: 'POST',
        json: { check_ins: batch, waiting, oldest_waiting_at },
        timeoutMs: 20_000 + 500 * ids.length,
      })
    } catch (error) {
      if (error instanceof Slow) this.smaller(ids.length)
      await this.note(ids, error)
      throw error
    }
    if (reply.status === 200 && isBatch(reply.body)) return this.take(ids, reply.body)
    return this.refused(ids, reply)
  }

  private async take(ids: string[], { results }: Schemas['BatchOut']): Promise<void> {
    this.failures = 0
    this.crashes = 0
    this.most = Math.min(MOST, this.most * 4)
    await changeAll(this.database, ids, (item, index) => {
      const result = results.find((each) => each.index === index)
      return item.state === 'waiting' ? this.outcome(item, result) : null
    })
  }

  private outcome(item: Item, result: Schemas['ResultOut'] | undefined): Partial<Item> {
    const said = result?.problem as Trouble['problem'] | undefined
    const trouble: Trouble = { kind: said ? 'problem' : 'odd', at: this.world.now(), problem: said ?? null }
    switch (result?.status) {
      case 'recorded':
      case 'duplicate':
        return {
          state: 'stored',
          answer: result.check_in as Answer,
          storedAt: this.world.now(),
          trouble: null,
        }
      case 'invalid':
      case 'conflict':
        return { state: 'mend', trouble }
      default: // deferred, what we do not know, and what is not there
        return { trouble, notBefore: this.world.now() + this.backoff(item.tries) }
    }
  }

  /** No batch was taken. A batch is halved until whoever is at fault stands alone; alone, it waits for itself. */
  private async refused(ids: string[], reply: Reply): Promise<void> {
    const trouble: Trouble = {
      kind: reply.problem ? 'problem' : 'odd',
      at: this.world.now(),
      problem: reply.problem,
    }
    const content = [400, 413, 422].includes(reply.status)
    if (ids.length > 1) {
      if (content || (reply.status === 500 && (this.crashes += 1) > 1)) this.smaller(ids.length)
      if (content) return // at once, in smaller batches
    } else if (content && reply.problem) {
      await change(this.database, ids[0]!, () => ({ state: 'mend', trouble }))
      return
    } else if (reply.status === 500) {
      await change(this.database, ids[0]!, () => ({ notBefore: this.world.now() + AT_FAULT_MS }))
    }
    await this.note(ids, trouble)
    throw new Stopped(trouble, reply.retryAfterMs)
  }

  private async positions(owner: string): Promise<void> {
    for (const { id, laterFix, visit } of await itemsOf(this.database, owner)) {
      const item = await this.database.get('items', id)
      if (!laterFix || item?.state !== 'stored') continue
      const json = positionOf(laterFix, correction(visit.offset ?? this.world.offset()))
      const reply = await this.ask(`/v1/check-ins/${id}/position`, { method: 'PUT', json })
      const problem = reply.problem
      if (reply.status === 200)
        await change(this.database, id, () => ({ laterFix: null, answer: reply.body as Answer }))
      else if (problem && [409, 422].includes(reply.status)) {
        await change(this.database, id, () => ({
          laterFix: null,
          trouble: { kind: 'problem', at: this.world.now(), problem },
        }))
      } else throw this.stopped(reply)
    }
  }

  private async letters(owner: string): Promise<void> {
    const stopped = await sendLetters(this.database, this.ask, owner, this.world.now)
    if (stopped) throw this.stopped(stopped)
  }

  private async photos(owner: string): Promise<void> {
    const named = new Set((await itemsOf(this.database, owner)).flatMap(({ visit }) => visit.photoIds))
    const waiting = (await photosOf(this.database, owner)).filter(
      ({ id, state, filed }) => (named.has(id) || filed) && state === 'waiting',
    )
    for (const photo of waiting) await this.upload(photo)
  }

  private async upload({ id, bytes, filed }: Photo): Promise<void> {
    const reply = await this.ask(`/v1/photos/${id}`, {
      method: 'PUT',
      bytes: bytes ?? new ArrayBuffer(0),
      timeoutMs: 120_000,
    })
    if (reply.status === 200 || reply.status === 201) {
      if (filed) await dropPhoto(this.database, id)
      else await changePhoto(this.database, id, { state: 'stored', bytes: null, trouble: null })
    } else if (reply.problem && [409, 413, 415, 422].includes(reply.status)) {
      await changePhoto(this.database, id, { state: 'refused', trouble: this.stopped(reply).trouble })
    } else throw this.stopped(reply)
  }

  /** When something will be ready by itself. */
  private async next(owner: string): Promise<number | null> {
    const now = this.world.now()
    const at = (await itemsOf(this.database, owner))
      .filter(({ state }) => state === 'waiting')
      .map(({ wire, settleUntil, notBefore }) => Math.max(notBefore, wire ? 0 : settleUntil))
    return at.length ? Math.max(0, Math.min(...at) - now) : null
  }

  private smaller(than: number): void {
    this.most = Math.max(1, Math.floor(than / 2))
  }

  private async note(ids: string[], why: unknown): Promise<void> {
    const trouble = this.trouble(why)
    await changeAll(this.database, ids, (item) => (item.state === 'waiting' ? { trouble } : null))
  }

  private trouble(why: unknown): Trouble {
    if (why && typeof why === 'object' && 'kind' in why) return why as Trouble
    const kind = isFull(why)
      ? 'full'
      : why instanceof Slow
        ? 'slow'
        : why instanceof Problem
          ? 'problem'
          : 'unreachable'
    return { kind, at: this.world.now(), problem: why instanceof Problem ? why.body : null }
  }

  private stopped({ problem, retryAfterMs }: Reply): Stopped {
    return new Stopped({ kind: problem ? 'problem' : 'odd', at: this.world.now(), problem }, retryAfterMs)
  }

  /** 2 s, 4 s, ... 5 min, less up to a half: phones of a village must not come all at once. */
  private backoff(times: number): number {
    return Math.min(LONGEST_MS, 1000 * 2 ** Math.min(times, 20)) * (1 - this.world.random() / 2)
  }
}

class Stopped extends Error {
  constructor(
    readonly trouble: Trouble,
    readonly retryAfterMs: number | null = null,
  ) {
    super(trouble.kind)
  }
}

const isBatch = (body: unknown): body is Schemas['BatchOut'] =>
  !!body && typeof body === 'object' && Array.isArray((body as { results?: unknown }).results)
