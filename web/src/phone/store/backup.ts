// What waits on this phone as one file, for when the phone is about to be cleared, and back from it.
import type { Database, Item, Letter, Photo } from './database'
import { STRICT } from './database'
import { itemsOf, photosOf } from './items'
import { lettersOf } from './letters'

interface Backup {
  kind: 'yefang-phone-backup'
  version: 1
  owner: string
  items: Item[]
  photos: (Omit<Photo, 'bytes'> & { bytes: string | null })[]
  letters: Letter[]
}

export class NotOurs extends Error {}

/** All that the server has not stored yet, photos included, as JSON. */
export async function backup(database: Database, owner: string): Promise<string> {
  const photos = await photosOf(database, owner)
  const waiting = new Set(photos.filter(({ state }) => state !== 'stored').map(({ id }) => id))
  const items = (await itemsOf(database, owner)).filter(
    ({ state, laterFix, visit }) =>
      state !== 'stored' || laterFix || visit.photoIds.some((id) => waiting.has(id)),
  )
  const letters = await lettersOf(database, owner)
  const named = new Set([
    ...items.flatMap(({ visit }) => visit.photoIds),
    ...letters.flatMap(({ photoIds = [] }) => photoIds),
  ])
  const kept = photos
    .filter(({ id, filed }) => named.has(id) || filed)
    .map((photo) => ({ ...photo, bytes: photo.bytes && toText(photo.bytes) }))
  const file: Backup = { kind: 'yefang-phone-backup', version: 1, owner, items, photos: kept, letters }
  return JSON.stringify(file)
}

/** Puts back what is not here; returns how many visits and letters. Raises `NotOurs` for anything but a backup of this person. */
export async function restore(database: Database, owner: string, text: string): Promise<number> {
  const { items, photos, letters } = read(text, owner)
  const transaction = database.transaction(['items', 'photos', 'letters'], 'readwrite', STRICT)
  let added = 0
  for (const item of items) {
    if (await transaction.objectStore('items').get(item.id)) continue
    await transaction.objectStore('items').put({ ...item, owner, notBefore: 0 })
    added += 1
  }
  for (const photo of photos) {
    if (await transaction.objectStore('photos').get(photo.id)) continue
    await transaction
      .objectStore('photos')
      .put({ ...photo, owner, bytes: photo.bytes ? toBytes(photo.bytes) : null })
  }
  for (const letter of letters) {
    if (await transaction.objectStore('letters').get(letter.id)) continue
    await transaction.objectStore('letters').put({ ...letter, owner })
    added += 1
  }
  await transaction.done
  return added
}

function read(text: string, owner: string): Backup {
  let file: Partial<Backup> | null
  try {
    file = JSON.parse(text) as Partial<Backup> | null
  } catch {
    throw new NotOurs()
  }
  if (file?.kind !== 'yefang-phone-backup' || file.version !== 1 || file.owner !== owner) throw new NotOurs()
  return file as Backup
}

function toText(bytes: ArrayBuffer): string {
  const view = new Uint8Array(bytes)
  let text = ''
  for (let at = 0; at < view.length; at += 0x8000)
    text += String.fromCharCode(...view.subarray(at, at + 0x8000))
  return btoa(text)
}

const toBytes = (text: string) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer
