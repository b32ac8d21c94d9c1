// How duties stand for who looks at them: nobody is behind with what only waits for somebody's review.
import type { Duty, DutyStatus, Iso, Tally } from './api/types'
import { serverNow } from './clock'

export type Shown = DutyStatus | 'awaiting_review'
export const WORST_FIRST: Shown[] = ['missed', 'open', 'awaiting_review', 'met_late', 'met', 'excused']

export const shownAs = ({ status, review_due_at: due }: Pick<Duty, 'status' | 'review_due_at'>): Shown =>
  status === 'open' && due ? 'awaiting_review' : status

/** Nothing of it can change any more but by a review; until then nobody has missed it. */
export const isClosed = ({ closes_at: closes }: { closes_at: Iso }): boolean =>
  Date.parse(closes) <= serverNow().getTime()

/** Everyone in a tally is in one of these. */
export const countOf = (tally: Pick<Tally, Shown>, shown: Shown): number =>
  shown === 'open' ? tally.open - tally.awaiting_review : tally[shown]

export const behindIn = (tally: Pick<Tally, Shown>): number => tally.missed + countOf(tally, 'open')

/** What to ask for, to list them. */
export const queryFor = (shown: Shown): { status: DutyStatus; awaiting_review?: boolean } => {
  if (shown === 'awaiting_review') return { status: 'open', awaiting_review: true }
  return shown === 'open' ? { status: 'open', awaiting_review: false } : { status: shown }
}
