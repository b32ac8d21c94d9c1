// Words for leave: from which half-day to which.
import type { Half } from './api/types'
import type { Schemas } from './api/wire'
import { dayName } from './format'
import { t } from './i18n'

type LeaveSpan = Pick<Schemas['LeaveItem'], 'from_date' | 'from_half' | 'until_date' | 'until_half'>

/** `11月16日周一上午 至 11月17日周二下午`, whole days without the halves. */
export function leaveSpan({ from_date: from, from_half, until_date: until, until_half }: LeaveSpan): string {
  const start = from_half === 'pm' ? `${dayName(from)}${t('leave.half.pm')}` : dayName(from)
  const end = until_half === 'am' ? `${dayName(until)}${t('leave.half.am')}` : dayName(until)
  if (from !== until) return t('leave.span', { from: start, until: end })
  return from_half === until_half ? `${dayName(from)}${t(`leave.half.${from_half}`)}` : dayName(from)
}

/** `11月16日周一下午`, a whole day from its morning on. */
export const halfDay = ({ from_date, from_half }: { from_date: string; from_half: Half }) =>
  from_half === 'pm' ? `${dayName(from_date)}${t('leave.half.pm')}` : dayName(from_date)
