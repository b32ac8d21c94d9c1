// "Missed" and "not heard from" are different things: whoever is behind is shown with how long the phone
// has been silent.
import type { Day, DutyStatus, Iso, Waiting } from './api/types'
import { dayOf } from './clock'

export type Silence = 'never' | { since: Iso } | null

export interface Owed {
  status: DutyStatus
  period: { start: Day; end: Day }
  last_contact_at: Iso | null
  waiting?: Waiting | null
}

/** Null when done, or when the phone spoke late enough to have told of a visit. */
export function silenceOf({ status, period, last_contact_at: contact }: Owed, today: Day): Silence {
  if (status !== 'missed' && status !== 'open') return null
  if (contact === null) return 'never'
  const over = status === 'missed' || today > period.end
  const silent = over ? dayOf(contact) <= period.end : dayOf(contact) < period.start
  return silent ? { since: contact } : null
}

/** Beside "behind", how many check-ins the phone has yet to send. */
export const waitingOf = ({ status, waiting }: Owed) =>
  (status === 'missed' || status === 'open') && waiting?.count ? waiting : null
