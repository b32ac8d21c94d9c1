// Arithmetic of duty periods in the server's notation: 2026-W47, 2026-11, 2026-Q4, 2026-H2, 2026.
// Days are plain dates of the county; no time zone enters here.
import type { Day, PeriodKind } from './api/types'

export interface Period {
  id: string
  kind: PeriodKind
  start: Day
  end: Day
} // `end` is the last day

const DAY_MS = 86_400_000
const MONTHS: Record<Exclude<PeriodKind, 'week'>, number> = { month: 1, quarter: 3, half_year: 6, year: 12 }

const toDate = (day: Day) => new Date(`${day}T00:00:00Z`)
const toDay = (date: Date): Day => date.toISOString().slice(0, 10)

export function addDays(day: Day, days: number): Day {
  return toDay(new Date(toDate(day).getTime() + days * DAY_MS))
}

/** The period of this kind that contains the day. */
export function periodOn(day: Day, kind: PeriodKind): Period {
  return kind === 'week' ? weekOn(day) : monthsOn(day, kind)
}

export function stepPeriod(period: Period, steps: 1 | -1): Period {
  return periodOn(steps > 0 ? addDays(period.end, 1) : addDays(period.start, -1), period.kind)
}

/** Null for anything that is not a period, such as week 54. */
export function parsePeriod(id: string): Period | null {
  const match = /^(\d{4})(?:-(?:W(\d{2})|Q(\d)|H(\d)|(\d{2})))?$/.exec(id)
  if (!match) return null
  const [, year, week, quarter, half, month] = match
  const period = week
    ? periodOn(addDays(weekOn(`${year}-01-04`).start, 7 * (Number(week) - 1)), 'week')
    : quarter
      ? monthsFrom(year!, 3 * Number(quarter) - 2, 'quarter')
      : half
        ? monthsFrom(year!, 6 * Number(half) - 5, 'half_year')
        : month
          ? monthsFrom(year!, Number(month), 'month')
          : monthsFrom(year!, 1, 'year')
  return period?.id === id ? period : null
}

export function weekOf(period: Period): { year: number; week: number } {
  return { year: Number(period.id.slice(0, 4)), week: Number(period.id.slice(6)) }
}

/** ISO 8601: weeks run Monday to Sunday and belong to the year of their Thursday. */
function weekOn(day: Day): Period {
  const weekday = (toDate(day).getUTCDay() + 6) % 7
  const start = addDays(day, -weekday)
  const year = addDays(start, 3).slice(0, 4)
  const days = (toDate(addDays(start, 3)).getTime() - toDate(`${year}-01-01`).getTime()) / DAY_MS
  const week = String(Math.floor(days / 7) + 1).padStart(2, '0')
  return { id: `${year}-W${week}`, kind: 'week', start, end: addDays(start, 6) }
}

function monthsOn(day: Day, kind: Exclude<PeriodKind, 'week'>): Period {
  const span = MONTHS[kind]
  const year = Number(day.slice(0, 4))
  const index = Math.floor((Number(day.slice(5, 7)) - 1) / span)
  const names: Record<typeof kind, string> = {
    month: `${year}-${String(index + 1).padStart(2, '0')}`,
    quarter: `${year}-Q${index + 1}`,
    half_year: `${year}-H${index + 1}`,
    year: String(year),
  }
  const start = toDay(new Date(Date.UTC(year, index * span, 1)))
  const end = toDay(new Date(Date.UTC(year, (index + 1) * span, 0)))
  return { id: names[kind], kind, start, end }
}

function monthsFrom(year: string, month: number, kind: Exclude<PeriodKind, 'week'>): Period | null {
  if (month < 1 || month > 12) return null
  return monthsOn(`${year}-${String(month).padStart(2, '0')}-01`, kind)
}
