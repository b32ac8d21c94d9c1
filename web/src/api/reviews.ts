// The console's endpoints for reviewing check-ins, one function each.
import type { MultiPolygon } from 'geojson'
import { authorized, county, get, send } from './console'
import type { CheckIn, Iso, Named, Page, PersonRef, Place, Standing, StandingReview } from './types'

export type Decision = StandingReview['decision']
export const FINDINGS = ['confirmed', 'unfounded', 'inconclusive'] as const
export type Finding = (typeof FINDINGS)[number]

export interface Review extends StandingReview {
  id: string
  before: Standing
}
/** 现场核查: what was found on site; it changes no standing. */
export interface Verification {
  id: string
  finding: Finding
  note: string
  verifier: PersonRef
  verified_at: Iso
  at: Iso
}
interface Judgement {
  standing: Standing
  place: Place
  distance_m: number | null
}
export interface Rejudgement {
  at: Iso
  cause: 'position' | 'fence' | 'photo' | 'time' | 'pattern'
  before: Judgement
  after: Judgement
}
export interface Photo {
  id: string
  width: number
  height: number
  taken_at: Iso | null
  deleted_at: Iso | null
  original: string
  thumbnail: string
}
interface Found<State extends string> {
  state: State | 'not_checked'
  note: string
}
export type Paper = Found<'ok' | 'problems' | 'absent'>
/** 领导夜访考: the form of a night visit, as it was filled in. */
export interface NightForm {
  items: (Found<'ok' | 'gap'> & { code: string; name: string })[]
  card: Paper
  booklet: Paper
  consistent: Found<'yes' | 'no'>
  recognition: { asked: number; recognised: number }
  satisfaction: { asked: number; satisfied: number }
}
export interface CheckInDetail extends CheckIn {
  device: { id: string; platform: string | null; model: string | null } | null
  form: NightForm | null
  photo_ids: string[]
  photos: Photo[]
  reviews: Review[] // the first one first; the last one stands
  verifications: Verification[]
  rejudgements: Rejudgement[]
}

/** How many await the caller's decision, without the caller's own. */
export const getWaiting = (signal: AbortSignal) =>
  get<{ held: number }>(county('/reviews/summary'), {}, signal)

/** A held check-in of the queue, and the duties that wait for its review. */
export interface HeldCheckIn extends CheckIn {
  overdue: boolean
  duties: { id: string; rule: Named; period: string; review_due_at: Iso }[]
}

/** What duties wait for first, the soonest due first, then the oldest. */
export const getHeld = (cursor: string | undefined, signal: AbortSignal) =>
  get<Page<HeldCheckIn>>(county('/reviews'), { limit: 50, cursor }, signal)

export const getCheckIn = (id: string, signal?: AbortSignal) =>
  get<CheckInDetail>(county(`/check-ins/${id}`), {}, signal)

/** `visited_at`: when it took place, where the phone's time is wrong. */
export const review = (
  id: string,
  said: { decision: Decision; reason: string; seen: Standing; visited_at: Iso | undefined },
) => send<CheckInDetail>('POST', `/check-ins/${id}/reviews`, said)

export const verify = (id: string, said: { finding: Finding; note: string; verified_at: Iso }) =>
  send<CheckInDetail>('POST', `/check-ins/${id}/verifications`, said)

/** A picture needs the token too, so it cannot be an address in the page. */
export const getPicture = (path: string, signal: AbortSignal) =>
  authorized<Blob>(path, { read: 'blob', signal })

export interface Fence {
  version: number
  geometry: MultiPolygon
}
export const getFences = (village: string, signal: AbortSignal) =>
  get<{ items: Fence[] }>(county('/geofences'), { village }, signal)
