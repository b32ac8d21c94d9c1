// The console's endpoints for reviewing check-ins, one function each.
import { authorized, get, send } from './console'
import type { QueryOf, Schemas } from '../../shared/api/wire'

export type Review = Schemas['Review']
export type Verification = Schemas['Verification']
export type Rejudgement = Schemas['Rejudgement']
export type Photo = Schemas['Photo']
export type Paper = Schemas['FormPaper']
export type NightForm = Schemas['NightForm']
export type CheckInDetail = Schemas['CheckInDetail']
export type HeldCheckIn = Schemas['HeldCheckIn']
export type Fence = Schemas['Fence']
export type Decision = Schemas['ReviewIn']['decision']
export type Finding = Schemas['VerificationIn']['finding']

/** How many await the caller's decision, without the caller's own. */
export const getWaiting = (signal: AbortSignal) => get('/v1/counties/{county_id}/reviews/summary', { signal })

/** What duties wait for first, the soonest due first, then the oldest. */
const REVIEWS = '/v1/counties/{county_id}/reviews'
export const getHeld = (query: QueryOf<typeof REVIEWS>, signal: AbortSignal) =>
  get(REVIEWS, { query: { ...query, limit: 50 }, signal })

export const getCheckIn = (check_in_id: string, signal?: AbortSignal) =>
  get('/v1/counties/{county_id}/check-ins/{check_in_id}', { in: { check_in_id }, signal })

export const review = (check_in_id: string, body: Schemas['ReviewIn']) =>
  send('post', '/v1/counties/{county_id}/check-ins/{check_in_id}/reviews', { in: { check_in_id }, body })

export const verify = (check_in_id: string, body: Schemas['VerificationIn']) =>
  send('post', '/v1/counties/{county_id}/check-ins/{check_in_id}/verifications', {
    in: { check_in_id },
    body,
  })

/** A picture needs the token too, so it cannot be an address in the page. */
export const getPicture = (path: string, signal: AbortSignal) =>
  authorized<Blob>(path, { read: 'blob', signal })

export const getFences = (village: string, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/geofences', { query: { village }, signal })
