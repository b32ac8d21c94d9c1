// Which household has waited longest for somebody to come.
import { serverNow } from '../../shared/clock'
import { t } from '../../shared/i18n'
import type { Household } from '../visit/area'

/** Days since anybody's visit that counted; null: nobody was ever there. */
export const daysWaiting = ({ last_visit: last }: Household): number | null =>
  last ? Math.max(0, Math.floor((serverNow().getTime() - Date.parse(last.at)) / 86_400_000)) : null

export function waitsSince(home: Household): string {
  const days = daysWaiting(home)
  if (days === null) return t('phone.home.never')
  return days ? t('phone.home.days', { n: days }) : t('phone.home.today')
}

/** Mine before others; of each those who were never visited, then those who have waited longest. */
export function longestFirst(homes: readonly Household[]): Household[] {
  const since = ({ last_visit: last }: Household) => last?.at ?? ''
  return [...homes].sort(
    (a, b) =>
      Number(b.assigned) - Number(a.assigned) || (since(a) === since(b) ? 0 : since(a) < since(b) ? -1 : 1),
  )
}
