// The queue of visits: saving means stored and read back; nothing leaves it but on an answer of the server, or by
// its owner's hand.
import { newId } from '../../shared/ids'
import type { Database, Draft, Fix, Item, Photo, Visit } from './database'
import { STRICT } from './database'

export class NotStored extends Error {}

const inOrder = (a: Item, b: Item) => a.order - b.order || (a.id < b.id ? -1 : 1)

export async function itemsOf(database: Database, owner: string): Promise<Item[]> {
  return (await database.getAllFromIndex('items', 'owner', owner)).sort(inOrder)
}

/** How many visits wait on this phone for each person, by person id. */
export async function waitingByOwner(database: Database): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const { owner, state } of await database.getAll('items')) {
    if (state !== 'stored') counts.set(owner, (counts.get(owner) ?? 0) + 1)
  }
  return counts
}

/** Keeps a visit for sending, and drops the draft that it was. Raises `NotStored` unless it is on the disk. */
export async function save(database: Database, owner: string, visit: Visit, settleUntil = 0): Promise<Item> {
  const item: Item = {
    id: newId(),
    owner,
    order: visit.capturedAt,
    visit,
    settleUntil,
    wire: null,
    state: 'waiting',
    tries: 0,
    notBefore: 0,
    trouble: null,
    answer: null,
    storedAt: null,
    laterFix: null,
  }
  const change = database.transaction(['items', 'drafts'], 'readwrite', STRICT)
  await Promise.all([
    change.objectStore('items').add(item),
    change.objectStore('drafts').delete(owner),
    change.done,
  ])
  const read = await database.get('items', item.id)
  if (JSON.stringify(read) !== JSON.stringify(item)) throw new NotStored()
  return item
}

/** Changes items as they stand now, whatever other tabs have done meanwhile, in one step; returns them as they are then. */
export async function changeAll(
  database: Database,
  ids: readonly string[],
  how: (item: Item, index: number) => Partial<Item> | null,
): Promise<Item[]> {
  const transaction = database.transaction('items', 'readwrite', STRICT)
  const found: Item[] = []
  for (const [index, id] of ids.entries()) {
    const item = await transaction.store.get(id)
    if (!item) continue
    const wanted = how(item, index)
    if (wanted) await transaction.store.put({ ...item, ...wanted })
    found.push({ ...item, ...wanted })
  }
  await transaction.done
  return found
}

export async function change(
  database: Database,
  id: string,
  how: (item: Item) => Partial<Item> | null,
): Promise<Item | null> {
  return (await changeAll(database, [id], how))[0] ?? null
}

/** A fix, or a better one, for a visit that was saved before it came. */
export function addFix(database: Database, id: string, fix: Fix): Promise<Item | null> {
  return change(database, id, (item) => {
    if (item.wire) return item.wire.position ? null : { laterFix: fix }
    const better = !item.visit.fix || fix.accuracy < item.visit.fix.accuracy
    return better ? { visit: { ...item.visit, fix, noFix: null } } : null
  })
}

/**
 * Sends what needed mending again, changed. What the server has never stored keeps its id; in a conflict it has
 * another visit under that id, so this one takes a new one.
 */
export async function mend(database: Database, id: string, changes: Partial<Visit>): Promise<void> {
  const transaction = database.transaction('items', 'readwrite', STRICT)
  const item = await transaction.store.get(id)
  if (item?.state === 'mend') {
    const conflict = item.trouble?.problem?.status === 409
    const again = { wire: null, state: 'waiting', notBefore: 0, trouble: null, tries: 0 } as const
    if (conflict) await transaction.store.delete(id)
    await transaction.store.put({
      ...item,
      ...again,
      id: conflict ? newId() : id,
      visit: { ...item.visit, ...changes },
    })
  }
  await transaction.done
}

/** Only by its owner's hand, and only what the server will not take; its photos with it. */
export async function discard(database: Database, id: string): Promise<void> {
  const transaction = database.transaction(['items', 'photos'], 'readwrite', STRICT)
  const item = await transaction.objectStore('items').get(id)
  if (item?.state === 'mend') {
    void transaction.objectStore('items').delete(id)
    for (const photo of item.visit.photoIds) void transaction.objectStore('photos').delete(photo)
  }
  await transaction.done
}

const KEPT = 100 // of what is stored; the server has all of it

/** Forgets the oldest of what the server has, photos and all. */
export async function forgetStored(database: Database, owner: string): Promise<void> {
  const stored = (await itemsOf(database, owner)).filter(
    ({ state, laterFix }) => state === 'stored' && !laterFix,
  )
  const waiting = new Set(
    (await photosOf(database, owner)).filter((each) => each.state === 'waiting').map(({ id }) => id),
  )
  const old = stored.slice(0, -KEPT).filter(({ visit }) => !visit.photoIds.some((id) => waiting.has(id)))
  const transaction = database.transaction(['items', 'photos'], 'readwrite')
  for (const { id, visit } of old) {
    void transaction.objectStore('items').delete(id)
    for (const photo of visit.photoIds) void transaction.objectStore('photos').delete(photo)
  }
  await transaction.done
}

export function photosOf(database: Database, owner: string): Promise<Photo[]> {
  return database.getAllFromIndex('photos', 'owner', owner)
}

/** A photo of a draft, on the disk before anything else is done with it. */
export async function keepPhoto(database: Database, owner: string, bytes: ArrayBuffer): Promise<string> {
  const photo: Photo = { id: newId(), owner, bytes, state: 'waiting', trouble: null }
  const transaction = database.transaction('photos', 'readwrite', STRICT)
  await Promise.all([transaction.store.add(photo), transaction.done])
  return photo.id
}

export const dropPhoto = (database: Database, id: string) => database.delete('photos', id)

export async function changePhoto(database: Database, id: string, changes: Partial<Photo>): Promise<void> {
  const transaction = database.transaction('photos', 'readwrite')
  const photo = await transaction.store.get(id)
  if (photo) await transaction.store.put({ ...photo, ...changes })
  await transaction.done
}

export const draftOf = (database: Database, owner: string) => database.get('drafts', owner)
export const keepDraft = (database: Database, draft: Draft) => database.put('drafts', draft)

/** Its photos with it. */
export async function dropDraft(database: Database, owner: string): Promise<void> {
  const transaction = database.transaction(['drafts', 'photos'], 'readwrite')
  const draft = await transaction.objectStore('drafts').get(owner)
  void transaction.objectStore('drafts').delete(owner)
  for (const photo of draft?.photoIds ?? []) void transaction.objectStore('photos').delete(photo)
  await transaction.done
}
