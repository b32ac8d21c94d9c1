// Dates, spans, distances and rates in the reader's language and the county's time zone.
import type { Day, Iso } from './api/types'
import { countyZone, dayOf } from './clock'
import { locale, t } from './i18n'
import { weekOf, type Period } from './periods'

function dateFormat(options: Intl.DateTimeFormatOptions, timeZone = countyZone()): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale.value === 'en' ? 'en-GB' : 'zh-CN', { timeZone, ...options })
}

export const clock = (time: Iso) =>
  dateFormat({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(time))

export const moment = (time: Iso) =>
  dateFormat({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    new Date(time),
  )

/** Until when, the end of a day said as that day: `12月4日`, `12月4日 05:00`. */
export function deadline(time: Iso): string {
  const last = dayOf(new Date(Date.parse(time) - 1))
  return last === dayOf(time) ? moment(time) : shortDay(last)
}

function plainDay(day: Day, options: Intl.DateTimeFormatOptions): string {
  return dateFormat(options, 'UTC').format(new Date(`${day}T00:00:00Z`))
}

export const dayName = (day: Day) => plainDay(day, { month: 'short', day: 'numeric', weekday: 'short' })
export const shortDay = (day: Day) => plainDay(day, { month: 'short', day: 'numeric' })

/** Monday is 1: `周一`, `Mon`. */
export const weekdayShort = (n: number) => plainDay(`2024-01-0${n}`, { weekday: 'short' })

/** Monday is 1. */
export const weekdayName = (n: number) => plainDay(`2024-01-0${n}`, { weekday: 'long' }) // which began on a Monday

export function periodName(period: Pick<Period, 'id' | 'kind' | 'start'>): string {
  const year = Number(period.id.slice(0, 4))
  switch (period.kind) {
    case 'week':
      return t('period.week', weekOf(period as Period))
    case 'month':
      return plainDay(period.start, { year: 'numeric', month: 'long' })
    case 'quarter':
      return t('period.quarter', { year, n: period.id.slice(-1) })
    case 'half_year':
      return t(period.id.endsWith('1') ? 'period.half.1' : 'period.half.2', { year })
    case 'year':
      return t('period.year', { year })
  }
}

/** `11月16日至22日`, `30 Nov – 6 Dec`. */
export function periodDays({ start, end }: Pick<Period, 'start' | 'end'>): string {
  const sameMonth = start.slice(0, 7) === end.slice(0, 7)
  if (locale.value === 'en') {
    return sameMonth ? `${Number(start.slice(8))}–${shortDay(end)}` : `${shortDay(start)} – ${shortDay(end)}`
  }
  return `${shortDay(start)}至${sameMonth ? `${Number(end.slice(8))}日` : shortDay(end)}`
}

export const percent = (rate: number | null) => (rate === null ? '—' : `${roundedPercent(rate)}%`)

/** Nothing short of everyone is shown as 100, nothing above nobody as 0. */
function roundedPercent(rate: number): number {
  const rounded = Math.round(rate * 100)
  if (rounded === 100 && rate < 1) return 99
  if (rounded === 0 && rate > 0) return 1
  return rounded
}

export function distance(metres: number): string {
  if (metres < 1000) return locale.value === 'en' ? `${Math.round(metres)} m` : `${Math.round(metres)} 米`
  const km = (metres / 1000).toFixed(1)
  return locale.value === 'en' ? `${km} km` : `${km} 公里`
}

export function span(seconds: number): string {
  if (seconds < 3600) return t('time.minutes', { n: Math.round(seconds / 60) })
  if (seconds < 48 * 3600) return t('time.hours', { n: Math.round(seconds / 3600) })
  return t('time.days', { n: Math.round(seconds / 86400) })
}
