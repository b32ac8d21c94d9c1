// Words and colours for appeals.
import type { Appeal } from '../api/office'
import type { AppealStatus } from '../../shared/api/types'
import { moment, periodName } from '../../shared/format'
import { t } from '../../shared/i18n'
import { parsePeriod } from '../../shared/periods'

export const MARKS: Record<AppealStatus, string> = { open: 'warn', upheld: '', overturned: 'good', late: '' }

/** What it is against: a missed duty, or how a check-in was judged. */
export function aboutOf({ duty, check_in: visit }: Appeal): string {
  const period = duty && parsePeriod(duty.period.id)
  if (duty && period) return t('appeals.flag', { rule: duty.rule.name, period: periodName(period) })
  return visit
    ? t('appeals.check_in', {
        when: moment(visit.captured_at),
        standing: t(`standing.${visit.standing}`),
      })
    : ''
}
