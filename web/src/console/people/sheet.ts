// A person's sheet in words: what stands in each cell of its tables.
import type { PersonSheet } from '../../shared/api/types'
import { localTime } from '../../shared/clock'
import { shownAs } from '../../shared/duties'
import { percent, periodName } from '../../shared/format'
import { t, type MessageKey } from '../../shared/i18n'
import { parsePeriod } from '../../shared/periods'
import { aboutOf } from '../appeals/appeals'
import { leaveSpan } from '../../shared/leave'
import { placeOf, reviewOf, standingOf } from './visit'

export interface Column {
  name: string
  heading: string
  width: number // percent
}
export interface Row {
  cells: Record<string, string | number>
  tone?: 'good' | 'bad' | ''
}

type One<T> = T extends (infer I)[] ? I : never
type SheetDuty = One<PersonSheet['duties']>
type SheetCheckIn = One<PersonSheet['check_ins']>
type Count = One<SheetCheckIn['counts']>

const DASH = '—'

/** `2026-11-18 20:10`: on paper the year is said. */
export const dated = (time: string) => localTime(time).replace('T', ' ')
const lines = (said: (string | null | undefined)[]) => said.filter(Boolean).join('\n') || DASH
const named = (id: string) => {
  const period = parsePeriod(id)
  return period ? periodName(period) : id
}

/** `甲一村（2026-01-01 起）`. */
function held(what: string, from: string, until: string | null): string {
  const when = until ? t('sheet.until', { from, until }) : t('sheet.since', { from })
  return t('sheet.held', { what, when })
}

export const postsOf = ({ posts }: PersonSheet) =>
  lines(
    posts.map(({ title, unit, role, from, until }) =>
      held(title || `${unit.name} ${t(`role.${role}`)}`, from, until),
    ),
  )

export const assignmentsOf = ({ assignments }: PersonSheet) =>
  lines(
    assignments.map(({ village, household, from, until }) =>
      held(household ? `${village.name} ${household.head_name}` : village.name, from, until),
    ),
  )

export function contactOf({ person }: PersonSheet): string {
  const contact = person.last_contact_at
    ? t('sheet.contact', { when: dated(person.last_contact_at) })
    : t('behind.silent.never')
  const waiting = person.waiting?.count
  return waiting ? `${contact}${t('sheet.waiting', { n: waiting })}` : contact
}

const columns = (widths: Record<string, number>): Column[] =>
  Object.entries(widths).map(([name, width]) => ({ name, width, heading: t(`sheet.${name}` as MessageKey) }))

export const totalColumns = () =>
  columns({
    rule: 24,
    periods: 8,
    required: 9,
    done: 9,
    met: 8,
    met_late: 8,
    open: 9,
    missed: 9,
    excused: 8,
    rate: 8,
  })
export const totalRows = ({ by_rule, total }: PersonSheet): Row[] =>
  [...by_rule, ...(by_rule.length > 1 ? [{ ...total, rule: { name: t('sheet.total') } }] : [])].map(
    ({ rule, duties, rate, ...figures }) => ({
      cells: { ...figures, rule: rule.name, periods: duties, rate: percent(rate) },
    }),
  )

export const dutyColumns = () => columns({ rule: 15, period: 14, progress: 9, status: 10, said: 52 })
export const dutyRows = ({ duties }: PersonSheet): Row[] =>
  duties.map((duty) => ({
    cells: {
      rule: duty.rule.name,
      period: named(duty.period.id),
      progress: t('behind.done', { done: duty.done, required: duty.required }),
      status: t(`duty_status.${shownAs(duty)}`),
      said: saidOf(duty),
    },
    tone: duty.status === 'missed' ? 'bad' : duty.status.startsWith('met') ? 'good' : '',
  }))

function saidOf(duty: SheetDuty): string {
  const stays = duty.stays.filter(({ counted }) => counted)
  const why = duty.not_counted.map(({ detail, check_ins: n }) => t('sheet.times', { why: detail, n }))
  return lines([
    duty.explanation,
    stays.length ? stays.map(({ village, from, hours }) => stayed(village.name, from, hours)).join('；') : '',
    why.length ? t('sheet.not_counted', { why: why.join('；') }) : '',
    duty.whole ? '' : t('sheet.partly'),
  ])
}

const stayed = (village: string, from: string, hours: number) =>
  t('sheet.stayed', { village, from: dated(from), hours })

export const checkInColumns = () =>
  columns({ at: 14, village: 11, place: 13, standing: 10, counts: 28, reasons: 24 })
export const checkInRows = ({ check_ins }: PersonSheet): Row[] =>
  check_ins.map((each) => ({
    cells: {
      at: dated(each.visited_at),
      village: (each.found_in_village ?? each.village)?.name ?? DASH,
      place: placeOf(each),
      standing: standingOf(each),
      counts: each.counts.length ? lines(each.counts.map(countOf)) : t('sheet.nothing_owed'),
      reasons: lines([
        ...each.reasons.map(({ detail }) => detail),
        reviewOf(each),
        each.note && t('checkin.note', { note: each.note }),
      ]),
    },
  }))

function countOf({ rule, period, counted, in_time, reason }: Count): string {
  const waits = reason?.code === 'held' // neither counted nor refused yet
  const not = waits ? '' : t('sheet.counted.not')
  const outcome = counted ? t(in_time ? 'sheet.counted' : 'sheet.counted.late') : not
  return t('sheet.count', { rule: rule.name, period: named(period.id), outcome }) + (reason?.detail ?? '')
}

const decided = (decision: { by: { name: string }; reason: string } | null) =>
  decision ? t('sheet.decided', { name: decision.by.name, reason: decision.reason }) : DASH

export const leaveColumns = () => columns({ kind: 12, days: 26, status: 12, reason: 25, decision: 25 })
export const leaveRows = ({ leave }: PersonSheet): Row[] =>
  leave.map((each) => ({
    cells: {
      kind: t(`leave_kind.${each.kind}`),
      days: leaveSpan(each),
      status: t(`leave_status.${each.status}`),
      reason: each.reason || DASH,
      decision: decided(each.decision),
    },
  }))

export const flagColumns = () => columns({ rule: 15, period: 14, raised: 15, level: 20, status: 11, why: 25 })
export const flagRows = ({ flags }: PersonSheet): Row[] =>
  flags.map((each) => ({
    cells: {
      rule: each.duty.rule.name,
      period: named(each.duty.period.id),
      raised: dated(each.raised_at),
      level: lines([each.level_name, each.answerable.map(({ name }) => name).join('、')]),
      status: t(`flag_status.${each.status}`),
      why: lines([each.reason, each.appeal && t(`appeals.mark.${each.appeal.status}`)]),
    },
  }))

export const appealColumns = () => columns({ about: 25, filed: 14, text: 25, status: 12, decision: 24 })
export const appealRows = ({ appeals }: PersonSheet): Row[] =>
  appeals.map((each) => ({
    cells: {
      about: aboutOf(each),
      filed: dated(each.filed_at),
      text: each.text,
      status: t(`appeal_status.${each.status}`),
      decision: decided(each.decision),
    },
  }))
