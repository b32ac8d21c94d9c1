// Sends what people tell the server besides visits, one after the other.
import type { Database, Letter, Trouble } from '../store/database'
import { dropLetter, keepLetter, lettersOf } from '../store/letters'
import type { Ask, Reply } from './ask'

const PATHS: Record<Letter['kind'], (about: string) => string> = {
  leave: () => '/v1/me/leave',
  appeal: () => '/v1/me/appeals',
  withdraw: (leave) => `/v1/me/leave/${leave}/withdraw`,
  return: (leave) => `/v1/me/leave/${leave}/return`,
  read: (notice) => `/v1/me/notices/${notice}/read`,
}
const REFUSED = [400, 403, 404, 409, 413, 422]

/**
 * What the server refuses waits for its owner, with the reason; a notice that it does not know is no loss. Returns
 * the answer that says that the server has no time now, whereupon the others wait.
 */
export async function sendLetters(
  database: Database,
  ask: Ask,
  owner: string,
  now: () => number,
): Promise<Reply | null> {
  for (const { id } of await lettersOf(database, owner)) {
    const letter = await database.get('letters', id) // another tab may have been faster
    if (letter?.state !== 'waiting') continue
    const filed = letter.kind === 'leave' || letter.kind === 'appeal'
    const photos = letter.photoIds?.length ? { photo_ids: letter.photoIds } : {}
    const json = filed ? { id, ...letter.body, ...photos } : undefined
    const reply = await ask(PATHS[letter.kind](letter.about), { method: 'POST', json })
    if (reply.status < 300 && (reply.body !== null || reply.status === 204))
      await dropLetter(database, letter, true)
    else if (reply.problem && REFUSED.includes(reply.status)) {
      const trouble: Trouble = { kind: 'problem', at: now(), problem: reply.problem }
      if (letter.kind === 'read') await dropLetter(database, letter)
      else await keepLetter(database, { ...letter, state: 'refused', trouble })
    } else return reply
  }
  return null
}
