// What people tell the server besides visits: leave, an appeal, a notice that was read. Kept like visits are: on
// the disk with every change, sent when there is a network, and gone only once the server has it.
import { newId } from '../../shared/ids'
import type { Database, Letter, LetterKind } from './database'
import { STRICT } from './database'
import { NotStored } from './items'

export type Body = Record<string, string>

/** In the order in which they were written. */
export async function lettersOf(database: Database, owner: string): Promise<Letter[]> {
  return (await database.getAllFromIndex('letters', 'owner', owner)).sort((a, b) => a.at - b.at)
}

/** One that is not written yet; its id is that of what is filed, so that the same again is the same to the server. */
export const newLetter = (owner: string, kind: LetterKind, about: string, body: Body): Letter => ({
  id: newId(),
  owner,
  at: Date.now(),
  kind,
  about,
  body,
  state: 'draft',
  trouble: null,
})

export async function keepLetter(database: Database, letter: Letter): Promise<void> {
  const transaction = database.transaction('letters', 'readwrite', STRICT)
  await Promise.all([transaction.store.put(letter), transaction.done])
}

/** To be sent from now on. Raises `NotStored` unless it is on the disk. */
export async function postLetter(database: Database, letter: Letter): Promise<void> {
  const posted: Letter = { ...letter, at: Date.now(), state: 'waiting', trouble: null }
  await keepLetter(database, posted)
  const read = await database.get('letters', letter.id)
  if (JSON.stringify(read) !== JSON.stringify(posted)) throw new NotStored()
}

/** Its photos with it, unless it was filed: then they go up by themselves. */
export async function dropLetter(
  database: Database,
  { id, photoIds = [] }: Letter,
  filed = false,
): Promise<void> {
  const transaction = database.transaction(['letters', 'photos'], 'readwrite', STRICT)
  void transaction.objectStore('letters').delete(id)
  for (const photoId of photoIds) {
    const photo = await transaction.objectStore('photos').get(photoId)
    if (photo && filed) void transaction.objectStore('photos').put({ ...photo, filed })
    else void transaction.objectStore('photos').delete(photoId)
  }
  await transaction.done
}
