// A check-in in words: where it was, how well that is known, and what a person decided about it.
import type { CheckIn } from '../../shared/api/types'
import { distance, moment, span } from '../../shared/format'
import { t } from '../../shared/i18n'

const LATE_S = 600 // an upload later than this is worth saying

export function placeOf(checkIn: CheckIn): string {
  if (!checkIn.position) return t('checkin.nofix')
  return t(`placed.${checkIn.place}`, { m: distance(checkIn.distance_m ?? 0) })
}

export function accuracyOf({ position }: CheckIn): string {
  if (!position) return ''
  return position.accuracy_m
    ? t('checkin.accuracy', { m: distance(position.accuracy_m) })
    : t('checkin.accuracy.unknown')
}

/** Where the fix lies, if that is not the village it was judged against. */
export function elsewhereOf(checkIn: CheckIn): string {
  const found = checkIn.found_in_village
  if (!checkIn.position || found?.id === checkIn.village?.id) return ''
  if (found) return t('checkin.found', { village: found.name })
  return checkIn.place === 'outside' ? t('checkin.found.none') : ''
}

export const latenessOf = ({ late_s }: CheckIn) =>
  late_s > LATE_S ? t('checkin.late', { span: span(late_s) }) : ''

/** How it stands, and whether a person made it so. */
export const standingOf = ({ standing, review }: CheckIn) =>
  t(standing === 'counted' && review ? 'reviews.standing.count' : `standing.${standing}`)

export function reviewOf({ review }: CheckIn): string {
  if (!review) return ''
  const { reviewer, post, at, decision, reason } = review
  const said = { decision: t(`review_decision.${decision}`), when: moment(at), reason }
  return t('reviews.said', { name: reviewer.name, post, ...said })
}
