// The console's endpoints that the office works with, one function each.
import { county, get, send } from './console'
import type { Query } from './http'
import type {
  Act,
  AppealStatus,
  Category,
  CheckIn,
  Day,
  DutyDetail,
  DutyStatus,
  Half,
  Iso,
  LeaveSpan,
  Measure,
  Named,
  Page,
  PeriodKind,
  PersonRef,
  ServedPeriod,
  Standing,
  Tally,
  UnitRef,
  Waiting,
} from './types'

/** What a rule says: docs/duties.md. */
export interface Terms {
  name: string
  name_en: string
  source: string
  categories: Category[]
  unit_ids: string[]
  except_ids: string[]
  measure: Measure
  period: PeriodKind
  required: number
  per: 'person' | 'household'
  days: 'calendar' | 'working'
  share: 'whole' | 'days' | 'cap'
  counts_in: 'assigned' | 'unit' | 'county'
  household_required: boolean
  form_required: boolean
  night: { start: string; until: string } | null
  min_dwell_min: number | null
  grace_h: number
  shift_closing: boolean
}

export interface Preset extends Terms {
  text: string
}

export interface RuleVersion extends Preset {
  id: string
  version: number
  effective_from: Day
  effective_until: Day | null
}

type TrialTotals = Omit<Tally, 'awaiting_review' | 'pending_review' | 'rate'>
export interface Trial {
  period: ServedPeriod
  before: TrialTotals | null // null for a new rule
  after: TrialTotals
  missed: number
  more: number // who are not among the items, which are 500 at most
  items: {
    person: PersonRef
    before: DutyStatus | null
    after: DutyStatus | null
    required: number
    done: number
  }[]
}

export const getPresets = (signal: AbortSignal) =>
  get<{ items: Preset[] }>(county('/rules/presets'), {}, signal)
export const getRule = (id: string, signal: AbortSignal) =>
  get<{ items: RuleVersion[] }>(county(`/rules/${id}`), {}, signal)

/** Nothing is changed; with the id of a rule, beside how everybody stands under it as it is. */
export const tryRule = (terms: Terms, ruleId: string | null, triedOn: string) =>
  send<Trial>('POST', '/rules/preview', { ...terms, rule_id: ruleId, tried_on: triedOn })
export const saveRule = (terms: Terms, ruleId: string | null, from: Day) =>
  send<RuleVersion>(ruleId ? 'PUT' : 'POST', ruleId ? `/rules/${ruleId}` : '/rules', {
    ...terms,
    effective_from: from,
  })
export const endRule = (id: string, until: Day) =>
  send<{ items: RuleVersion[] }>('POST', `/rules/${id}/end`, { effective_until: until })

export interface CalendarDay {
  date: Day
  working: boolean
  name: string | null
  source: string | null
  own: boolean // said by the county or its region, over the national calendar
  by_office: boolean // by the county's office, which may take it back
  known: boolean // else Monday to Friday is assumed
}
export const getCalendar = (from: Day, to: Day, signal: AbortSignal) =>
  get<{ items: CalendarDay[] }>(county('/calendar'), { from, to }, signal)
export const setDay = (day: Day, said: { working: boolean; name: string; source: string }) =>
  send<CalendarDay>('PUT', `/calendar/${day}`, said)
export const dropDay = (day: Day) => send<CalendarDay>('DELETE', `/calendar/${day}`)
export const confirmYear = (year: string, source: string) =>
  send<unknown>('PUT', `/calendar/years/${year}`, { source })

export interface Appeal {
  id: string
  flag_id: string | null
  check_in_id: string | null
  instance: number // 1, or 2 before the county office
  text: string
  filed_at: Iso
  until: Iso
  due_at: Iso
  status: AppealStatus
  decision: { reason: string; by: Named & { post: string }; at: Iso } | null
  overdue: boolean
  person: PersonRef
  unit: UnitRef
  duty: { id: string; rule: Named; period: { id: string; start: Day; end: Day } } | null
  check_in: { id: string; captured_at: Iso; standing: Standing } | null
}
export interface AppealDetail extends Appeal {
  may_decide: boolean
  evidence: { duty: DutyDetail | null; check_in: CheckIn | null }
  others: Appeal[]
  history: Act[]
}
export type AppealDecision = 'uphold' | 'overturn'

export const getAppeals = (query: Query, signal: AbortSignal) =>
  get<Page<Appeal>>(county('/appeals'), query, signal)
export const getAppeal = (id: string, signal: AbortSignal) =>
  get<AppealDetail>(county(`/appeals/${id}`), {}, signal)
export const decideAppeal = (id: string, decision: AppealDecision, reason: string) =>
  send<AppealDetail>('POST', `/appeals/${id}/decide`, { decision, reason })

export const LEAVE_STATUSES = ['asked', 'approved', 'refused', 'withdrawn'] as const
export interface Leave extends LeaveSpan {
  person: PersonRef
  unit: UnitRef
  reason: string
  filed_at: Iso
  level: 'township' | 'county' // whose decision it is, by its length
  status: (typeof LEAVE_STATUSES)[number]
  decision: { reason: string; by: Named; at: Iso } | null
  returned_at: Iso | null
  retroactive: boolean // filed after it began
  overrun: boolean // over, and the person has not come back from it
  may_decide: boolean
  may_revoke: boolean
  revoked: { from_date: Day; from_half: Half } | null // from then on it is leave no longer
  changed?: ChangedDuty[] // by the decision just made
}
export interface ChangedDuty {
  duty: { id: string; rule: Named; period: ServedPeriod; required: number; status: DutyStatus }
  required_before: number | null
  status_before: DutyStatus | null
}
export type LeaveDecision = 'approve' | 'refuse'

export const getLeave = (query: Query, signal: AbortSignal) =>
  get<Page<Leave>>(county('/leave'), query, signal)
export const decideLeave = (id: string, decision: LeaveDecision, reason: string) =>
  send<Leave>('POST', `/leave/${id}/${decision}`, { reason })

export const revokeLeave = (id: string, said: { reason: string; from_date: Day | null; from_half: Half }) =>
  send<Leave>('POST', `/leave/${id}/revoke`, said)

export interface CoverageTally {
  households: number
  visited: number
  not_visited: number
  never: number // of those not visited
}
export interface Unvisited {
  household: { id: string; head_name: string; hamlet: string }
  village: Named
  last_visited_at: Iso | null // of a visit that counts
  last_visited_by: PersonRef | null // null also where one may not see them
  assigned: PersonRef[]
}
/** The same visits seen from the household's side. */
export interface Coverage extends Page<Unvisited> {
  since: Iso
  total: CoverageTally
  by_unit: (CoverageTally & { unit?: UnitRef; village?: Named })[]
  by_village: (CoverageTally & { unit?: UnitRef; village?: Named })[]
}
export const getCoverage = (query: Query, signal: AbortSignal) =>
  get<Coverage>(county('/coverage'), query, signal)

/** Not heard from: that is not the same as having missed anything. */
export interface Silent {
  person: PersonRef
  phone: string
  unit: UnitRef
  last_contact_at: Iso | null
  waiting: Waiting | null
  app_status: { at: Iso; problems: { code: string; detail: string }[] } | null
  duties: { id: string; rule: string; period: string; status: DutyStatus; required: number; done: number }[]
}
export const getSilence = (query: Query, signal: AbortSignal) =>
  get<Page<Silent> & { people: number }>(county('/silence'), query, signal)

/** 领导夜访考: sums over the forms of counted night visits. */
interface Papers {
  ok: number
  problems: number
  absent: number
}
export interface NightFigures {
  forms: number
  items: Record<string, { name: string; checked: number; gaps: number }>
  card: Papers
  booklet: Papers
  consistency: { checked: number; consistent: number; rate: number | null }
  recognition: { asked: number; recognised: number; rate: number | null }
  satisfaction: { asked: number; satisfied: number; rate: number | null }
}
export interface NightVisits {
  items: (NightFigures & { village?: Named | null; person?: PersonRef })[]
  total: NightFigures
}
export const getNightVisits = (query: Query, signal: AbortSignal) =>
  get<NightVisits>(county('/night-visits'), query, signal)
