// The office writes people by hand: what that would do is asked for first.
import { get, send } from './console'
import type { QueryOf, Schemas } from '../../shared/api/wire'

const PEOPLE = '/v1/counties/{county_id}/people'
const PERSON = '/v1/counties/{county_id}/people/{person_id}'

export type PersonIn = Schemas['PersonIn']
export type Changed = Schemas['DirectoryChanged']
/** What a change does to what people owe; of the directory, with the rows that it touches. */
export type Effect = Omit<Changed, 'id' | 'new' | 'changed'> & Partial<Changed>

export const getPeople = (query: QueryOf<typeof PEOPLE>, signal: AbortSignal) =>
  get(PEOPLE, { query, signal })

/** `person_id` is empty for somebody new. */
export function savePerson(person_id: string, body: PersonIn, preview: boolean): Promise<Changed> {
  const query = { preview }
  return person_id
    ? send('put', PERSON, { in: { person_id }, body, query })
    : send('post', PEOPLE, { body, query })
}

const UNITS = '/v1/counties/{county_id}/units'
export type UnitIn = Schemas['UnitIn']
/** `unit_id` is empty for a new one. */
export function saveUnit(unit_id: string, body: UnitIn, preview: boolean): Promise<Changed> {
  const query = { preview }
  return unit_id
    ? send('put', '/v1/counties/{county_id}/units/{unit_id}', { in: { unit_id }, body, query })
    : send('post', UNITS, { body, query })
}
export const getUnits = (signal: AbortSignal) => get(UNITS, { signal })

const STRUCTURE = '/v1/counties/{county_id}/structure'
export type StructureItem = Schemas['StructureItem']
export const getStructure = (query: QueryOf<typeof STRUCTURE>, signal: AbortSignal) =>
  get(STRUCTURE, { query, signal })

const MERGES = '/v1/counties/{county_id}/people/{person_id}/merges'
export type Duplicate = Schemas['Duplicate']
export type Merged = Schemas['MergeDone']
export const getDuplicates = (signal: AbortSignal) => get('/v1/counties/{county_id}/duplicates', { signal })

/** The record `from_id` goes into that of `person_id`. */
export const mergePeople = (person_id: string, from_id: string, preview: boolean): Promise<Merged> =>
  send('post', MERGES, { in: { person_id }, body: { from_id }, query: { preview } })
export const sayTwoPeople = (one_id: string, other_id: string) =>
  send('post', '/v1/counties/{county_id}/two-people', { body: { one_id, other_id } })
