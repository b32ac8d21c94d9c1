// A visit as the server has judged it.
import type { Schemas } from '../../shared/api/wire'
import { t } from '../../shared/i18n'
import { distance } from '../../shared/format'
import { letters } from '../phone'

export type Visit = Schemas['ListedOut']
export const HISTORY = '/v1/me/check-ins?limit=50'

/** Where it was, seen from the fence. */
export function whereIs({ village, found_in_village: found, place, distance_m: metres }: Visit): string {
  const parts: string[] = village ? [village.name, t(`place.${place}`)] : []
  if (village && metres) parts.push(t('phone.fence.off', { metres: distance(metres) }))
  if (found && found.id !== village?.id) parts.push(t('checkin.found', { village: found.name }))
  return parts.join(' · ') || t('checkin.nofix')
}

/** Something stands against it, and the last word has not been said, here or there. */
export const mayAppeal = ({ id, standing, appeal }: Visit) =>
  standing !== 'counted' &&
  (!appeal || appeal.status === 'upheld') &&
  !letters.value.some(
    (each) => each.kind === 'appeal' && each.about === `check-in/${id}` && each.state !== 'draft',
  )
