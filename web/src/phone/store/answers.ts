// What the server said, kept for reading without a network (kept.ts). It is the server's and can be asked for again: so
// it goes with its owner, when it is old, and where there is too much.
import type { Database } from './database'

export const WHO = 'who' // among the answers, but none: who is signed in (phone.ts)
const KEPT = 300 // pages and lists, some 10 kB each
const OLDEST_MS = 60 * 86_400_000

export const keyOf = (owner: string, path: string) => `${owner} ${path}`

/** The oldest of too many, and what is much older than the newest: the clock of this phone is not asked. */
export async function forgetAnswers(database: Database): Promise<void> {
  const transaction = database.transaction('answers', 'readwrite')
  const found: { key: string; at: number }[] = []
  for (let cursor = await transaction.store.openCursor(); cursor; cursor = await cursor.continue())
    if (cursor.key !== WHO) found.push({ key: cursor.key, at: cursor.value.at })
  found.sort((a, b) => b.at - a.at)
  const old = found.filter(({ at }, index) => index >= KEPT || at < found[0]!.at - OLDEST_MS)
  await Promise.all([...old.map(({ key }) => transaction.store.delete(key)), transaction.done])
}

/** All that was kept for one person. */
export const forgetAnswersOf = (database: Database, owner: string) =>
  database.delete('answers', IDBKeyRange.bound(keyOf(owner, ''), keyOf(owner, '\uffff')))
