// A visit as it goes over the wire. Made once, when it first goes out, and then kept as it is.
import type { Schemas } from '../../shared/api/wire'
import type { Fix, Item, Wire } from '../store/database'

const TOLERATED_MS = 120_000 // a clock this far off is right enough

const iso = (ms: number) => new Date(ms).toISOString()

/** A fix; `ahead` is how far the server's clock is ahead of this phone's. */
export function positionOf(fix: Fix, ahead = 0): Schemas['PositionIn'] {
  return {
    lon: fix.lon,
    lat: fix.lat,
    crs: 'wgs84', // what browsers give, by their standard
    accuracy_m: fix.accuracy,
    altitude_m: fix.altitude,
    speed_mps: fix.speed,
    fixed_at: iso(fix.at + ahead),
  }
}

/** How far to trust this phone's clock: ms to add, 0 where it is right or nobody knows. */
export const correction = (offset: number | null) =>
  offset !== null && Math.abs(offset) > TOLERATED_MS ? offset : 0

/**
 * Times go by the server's clock where this phone's is wrong, and the note then says what the phone showed: the
 * reader sees both. `offset` is what is known now, for a visit recorded before anything was.
 */
export function wireOf(
  { id, visit }: Item,
  offset: number | null,
  shown: (ms: number) => string,
  version: string,
): Wire {
  const ahead = correction(visit.offset ?? offset)
  const note = ahead ? `${visit.note} ${shown(visit.capturedAt)}`.trim() : visit.note
  return {
    id,
    captured_at: iso(visit.capturedAt + ahead),
    position: visit.fix && positionOf(visit.fix, ahead),
    position_problem: visit.fix ? null : (visit.noFix ?? 'timeout'),
    purpose: visit.purpose,
    household_id: visit.householdId,
    note,
    photo_ids: visit.photoIds,
    form: visit.form as Wire['form'],
    app_version: version,
  }
}
