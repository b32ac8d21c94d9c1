// What this phone keeps, in IndexedDB. Every record has an owner: two people may share a phone.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Schemas } from '../../shared/api/wire'
import type { ProblemBody } from '../../shared/api/types'

export type Fix = {
  lon: number
  lat: number
  accuracy: number
  altitude: number | null
  speed: number | null
  at: number
}
export type NoFix = Schemas['PositionProblem']
export type Form = Schemas['NightVisitForm']
export type Wire = Schemas['CheckInIn']
export type Answer = Schemas['CheckInOut']

/** What the person recorded, with the times of this phone's own clock (ms). */
export interface Visit {
  capturedAt: number
  offset: number | null // ms the server was ahead, where it was known at the time
  fix: Fix | null
  noFix: NoFix | null
  purpose: Schemas['Purpose']
  householdId: string | null
  villageId: string | null // shown only
  note: string
  photoIds: string[]
  form: Form | null
}

/** Why an item is not stored yet: what the server said, or what came between. */
export interface Trouble {
  kind: 'problem' | 'unreachable' | 'slow' | 'odd' | 'full'
  at: number
  problem: ProblemBody | null
}

export interface Item {
  id: string
  owner: string
  order: number // they are sent in this order
  visit: Visit
  settleUntil: number // until then a fix, or a better one, may still come
  wire: Wire | null // as it first went out: never changed after, for the server would see another visit under one id
  state: 'waiting' | 'stored' | 'mend'
  tries: number
  notBefore: number
  trouble: Trouble | null
  answer: Answer | null
  storedAt: number | null
  laterFix: Fix | null // came after the visit had gone without one
}

export interface Photo {
  id: string
  owner: string
  bytes: ArrayBuffer | null // null once the server has it
  state: 'waiting' | 'stored' | 'refused'
  trouble: Trouble | null
  filed?: true // the letter that names it is gone: the server has it
}

export interface Draft extends Omit<Visit, 'capturedAt' | 'offset' | 'fix' | 'noFix'> {
  owner: string
}

export type LetterKind = 'leave' | 'appeal' | 'withdraw' | 'return' | 'read'

/** What its owner tells the server besides visits; a draft while it is being written. */
export interface Letter {
  id: string // of what is filed by it, too
  owner: string
  at: number
  kind: LetterKind
  about: string // the leave or the notice concerned; of a form, which one it is
  body: Record<string, string>
  photoIds?: string[]
  state: 'draft' | 'waiting' | 'refused'
  trouble: Trouble | null
}

interface Phone extends DBSchema {
  items: { key: string; value: Item; indexes: { owner: string } }
  photos: { key: string; value: Photo; indexes: { owner: string } }
  drafts: { key: string; value: Draft }
  letters: { key: string; value: Letter; indexes: { owner: string } }
  answers: { key: string; value: { at: number; body: unknown } } // the server's, for reading offline; `owner path`
}

export type Database = IDBPDatabase<Phone>
export const STRICT = { durability: 'strict' } as const // on the disk, not only in the system's memory

export function openDatabase(name = 'yefang-phone'): Promise<Database> {
  return openDB<Phone>(name, 2, {
    upgrade(database, before) {
      if (before < 1) {
        database.createObjectStore('items', { keyPath: 'id' }).createIndex('owner', 'owner')
        database.createObjectStore('photos', { keyPath: 'id' }).createIndex('owner', 'owner')
        database.createObjectStore('drafts', { keyPath: 'owner' })
        database.createObjectStore('answers')
      }
      if (before < 2) database.createObjectStore('letters', { keyPath: 'id' }).createIndex('owner', 'owner')
    },
    blocking: () => location.reload(), // a newer app waits in another tab; what was typed here is stored
  })
}
