// The console's endpoints for people's tracking apps: their keys, and what they sent in vain.
import { get, send } from './console'
import type { QueryOf, Schemas } from '../../shared/api/wire'

export type Client = Schemas['Client']
export type ClientKey = Schemas['ClientKeyOut']
/** The key itself is shown this once. */
export type IssuedKey = Schemas['ClientKeyIssued']
export type Quarantined = Schemas['QuarantinedOfPerson']

const QUARANTINE = '/v1/counties/{county_id}/quarantine'
const KEYS = '/v1/counties/{county_id}/people/{person_id}/client-keys'

export const getQuarantine = (query: QueryOf<typeof QUARANTINE>, signal: AbortSignal) =>
  get(QUARANTINE, { query, signal })

export const getKeys = (person_id: string, signal: AbortSignal) => get(KEYS, { in: { person_id }, signal })
export const issueKey = (person_id: string, client: Client, device_id: string) =>
  send('post', KEYS, { in: { person_id }, body: { client, device_id } })
export const revokeKey = (person_id: string, key_id: string) =>
  send('delete', '/v1/counties/{county_id}/people/{person_id}/client-keys/{key_id}', {
    in: { person_id, key_id },
  })
