// A county's settings as people write them: times of day as 18:30, numbers, switches.
import type { Setting } from '../api/office'
import { t } from '../../shared/i18n'
import { toClock, toMinutes } from '../notices/minutes'

const DAY_MIN = 24 * 60

/** As it stands in its field. A time past midnight is written as one of the next morning. */
export function written({ unit }: Pick<Setting, 'unit'>, value: unknown): string {
  if (unit === 'clock') return toClock(Number(value) % DAY_MIN)
  return String(value)
}

/** What a field says, or undefined where that is no value; a time of day stays on the day that it was on. */
export function read({ unit, value }: Pick<Setting, 'unit' | 'value'>, text: string): unknown {
  if (unit === 'switch') return text === 'true'
  if (unit === 'clock') {
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return undefined
    return toMinutes(text) + (Number(value) >= DAY_MIN ? DAY_MIN : 0)
  }
  return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text)
}

/** As it is said beside the field. */
export function said(setting: Pick<Setting, 'unit'>, value: unknown): string {
  if (setting.unit === 'switch') return t(value ? 'settings.on' : 'settings.off')
  if (setting.unit === 'words') return JSON.stringify(value)
  const text = written(setting, value)
  if (setting.unit !== 'clock') return text
  return Number(value) >= DAY_MIN ? t('settings.next_day', { clock: text }) : text
}
