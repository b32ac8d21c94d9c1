// The console's endpoints for people's tracking apps: their keys, and what they sent in vain.
import { county, get, send } from './console'
import type { Coded, Iso, Page, PersonRef } from './types'

export const CLIENTS = ['owntracks', 'traccar', 'overland'] as const
export type Client = (typeof CLIENTS)[number]

export interface ClientKey {
  id: string
  client: Client
  device_id: string
  created_at: Iso
  last_used_at: Iso | null
  status: { at: Iso; problems: Coded[] } | null
}
/** The key itself is shown this once. */
export interface IssuedKey {
  id: string
  client: Client
  device_id: string
  key: string
  username: string
  url: string
  setup_link: string
}
export interface Quarantined {
  id: string
  person: PersonRef
  client: Client
  device_id: string
  received_at: Iso
  last_seen_at: Iso
  times_seen: number
  reason: Coded
  size: number
  body: string // its first 1,000 characters
}

export const getQuarantine = (
  query: { person: string | undefined; cursor: string | undefined },
  signal: AbortSignal,
) => get<Page<Quarantined>>(county('/quarantine'), query, signal)

export const getKeys = (person: string, signal: AbortSignal) =>
  get<{ items: ClientKey[] }>(county(`/people/${person}/client-keys`), {}, signal)
export const issueKey = (person: string, client: Client, deviceId: string) =>
  send<IssuedKey>('POST', `/people/${person}/client-keys`, { client, device_id: deviceId })
export const revokeKey = (person: string, id: string) =>
  send<void>('DELETE', `/people/${person}/client-keys/${id}`)
