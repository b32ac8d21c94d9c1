// The console API as this page reads it: names and shapes are the server's.

export type Iso = string // RFC 3339 with offset
export type Day = string // YYYY-MM-DD, a date in the county's zone

export type Category =
  'helper' | 'resident' | 'first_secretary' | 'leader' | 'official' | 'info_officer' | 'inspector'
export type Level = 'county' | 'theatre' | 'sector' | 'area' | 'squad' | 'team' | 'group' | 'department'
export type Role = 'cadre' | 'leader' | 'inspector' | 'office' | 'admin'
export type Measure =
  'nights' | 'visits' | 'distinct_households' | 'village_days' | 'nights_in_village' | 'hours_in_village'
export type PeriodKind = 'week' | 'month' | 'quarter' | 'half_year' | 'year'
export type DutyStatus = 'open' | 'met' | 'met_late' | 'missed' | 'excused'
export type FlagStatus = 'open' | 'acknowledged' | 'cleared' | 'withdrawn'
export type Place = 'inside' | 'near' | 'outside' | 'unsure'
export type Standing = 'counted' | 'held' | 'outside' | 'refused'
export type Purpose = 'household_visit' | 'village_duty' | 'night_visit' | 'inspection' | 'activity'

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}
export interface Named {
  id: string
  name: string
}
export interface PersonRef extends Named {
  category: Category
}
export interface UnitRef extends Named {
  level: Level
}
export interface Coded {
  code: string
  detail: string
}

export interface TokenReply {
  access_token: string
  refresh_token: string
  expires_in: number
  person: PersonRef & { county_id: string }
}

export interface Me {
  person: PersonRef & { county_id: string }
  posts: { id: string; role: Role; title: string; unit: UnitRef }[]
  county: Named & { timezone: string; outline_bbox: [number, number, number, number] | null }
}

export interface Rule extends Named {
  measure: Measure
  period: PeriodKind
  required: number
  categories: Category[]
}

export interface Unit extends UnitRef {
  parent_id: string | null
  people: number
}

export interface Village extends Named {
  township: Named
  unit_id: string
  synthetic: boolean
}

export interface Person extends PersonRef {
  phone: string
  unit: UnitRef
  last_contact_at: Iso | null
}

export interface PersonDetail extends Person {
  posts: { id: string; role: Role; title: string; unit: UnitRef }[]
  assignments: { village: Named; household: { id: string } | null; from: Day; until: Day | null }[]
}

export interface VillageDetail extends Village {
  people: (PersonRef & { phone: string; last_contact_at: Iso | null })[]
}

export interface ServedPeriod {
  id: string
  kind: PeriodKind
  start: Day
  end: Day
  closes_at: Iso
}

/** How many people stand where; `rate` is (met + met_late) / (people - excused). */
export interface Tally {
  people: number
  met: number
  met_late: number
  open: number
  missed: number
  excused: number
  awaiting_review: number // of `open`, those that held check-ins could meet
  pending_review: number
  rate: number | null
}

export type Grouping = 'unit' | 'village' | 'category'
/** By what it was grouped; `own` are the people directly in the unit, beside the rows of the units below it. */
export type ComplianceRow = Tally & { unit?: UnitRef; own?: boolean; village?: Named; category?: Category }
export interface Compliance {
  period: ServedPeriod
  rule: Rule
  items: ComplianceRow[]
  total: Tally
}

/** Check-ins still on the phone, as it last said. */
export interface Waiting {
  count: number
  oldest_at: Iso | null
  said_at: Iso
}

export interface Duty {
  id: string
  person: PersonRef
  unit: UnitRef
  rule: Named
  period: ServedPeriod
  required: number
  done: number
  pending_review: number
  review_due_at: Iso | null // held check-ins could meet it, and keep it open until then
  unreviewed_by: Named[] // who should have made the review that a missed duty waited for
  status: DutyStatus
  explanation: string
  appeal: AppealRef | null
  last_visit_at: Iso | null // the latest that counts for this duty
  last_contact_at: Iso | null
  waiting: Waiting | null
}

export interface CheckIn {
  id: string
  person: PersonRef
  captured_at: Iso // as the phone said
  visited_at: Iso // when it took place: as the phone said, unless a review has set the time
  late_s: number // from the visit to its upload
  position: { lon: number; lat: number; accuracy_m: number | null } | null
  village: (Named & { geofence_version: number }) | null
  found_in_village: Named | null
  place: Place
  distance_m: number | null
  confidence: number | null // that the fix is inside the village judged against
  household_distance_m: number | null
  standing: Standing
  reasons: Coded[]
  night_of: Day | null
  purpose: Purpose
  note: string
  appeal: AppealRef | null
  review: StandingReview | null // null where rules alone decided
}

/** 核实: what a person decided last, which stands. */
export interface StandingReview {
  decision: 'count' | 'refuse'
  reason: string
  reviewer: PersonRef
  post: string // the reviewer's, at that time
  at: Iso
  visited_at: Iso | null // when the visit took place, where the reviewer set the time
}

export interface Considered {
  check_in: CheckIn
  counted: boolean
  in_time: boolean // all that makes it count came before closing
  reason: Coded
}

/** 申诉: what stands against a flag or a check-in. */
export const APPEAL_STATUSES = ['open', 'upheld', 'overturned', 'late'] as const
export type AppealStatus = (typeof APPEAL_STATUSES)[number]
export interface AppealRef {
  id: string
  status: AppealStatus
}

export type LeaveKind = 'personal' | 'sick' | 'official' | 'filed_duty' | 'annual' | 'rotation'
export type Half = 'am' | 'pm'
/** 请假: in half-days, the last one included. */
export interface LeaveSpan {
  id: string
  kind: LeaveKind
  from_date: Day
  from_half: Half
  until_date: Day
  until_half: Half
}

/** 在村停留: within one day, with its outcome. */
export interface ConsideredStay {
  village: { id: string; name: string }
  from: Iso
  until: Iso
  hours: number
  counted: boolean
  reason: { code: string; detail: string }
}

export interface DutyDetail extends Duty {
  days: number // of the period, by the days that the rule goes by
  days_there: number // of them, those that the person was there
  excuse: string | null
  evidence: {
    leave: (LeaveSpan & { retroactive: boolean; decision: { reason: string; by: Named; at: Iso } })[]
    calendar_assumed: boolean
    rule: Rule & { version: number; text: string }
    check_ins: Considered[]
    stays: ConsideredStay[] // where hours are what counts, in place of check-ins
    days: { date: Day; working: boolean; name: string | null; known: boolean }[] // else Monday to Friday assumed
  }
}

export interface Flag {
  id: string
  status: FlagStatus
  raised_at: Iso
  person: PersonRef
  unit: UnitRef
  duty: Pick<
    Duty,
    'id' | 'rule' | 'period' | 'required' | 'done' | 'status' | 'review_due_at' | 'unreviewed_by'
  >
  misses: number
  level: number // the step of the county's ladder that it stands on, from 1
  level_name: string // whom that step put it before
  appeal: AppealRef | null
  answerable: Named[]
  last_contact_at: Iso | null
  waiting: Waiting | null
  reason: string | null
}

/** Each list counts what the other filters leave: what choosing one of its items would show. */
export interface FlagTotals {
  as_of: Iso
  flags: number
  statuses: { status: FlagStatus; flags: number }[]
  rules: { rule: Named; flags: number }[]
  levels: { level: number; name: string; flags: number }[]
  units: { unit: UnitRef; flags: number }[]
}

/** What became of flags that were answered together. */
export interface FlagsAnswered {
  done: number
  past: { id: string; status: FlagStatus; person: PersonRef }[]
  not_yours: string[] // about the reader or a peer
  not_found: string[]
}

/** One thing that was done; nobody did it where the clock or a recount did. */
export interface Act {
  at: Iso
  action: string
  said: string
  by: Named | null
  reason: string | null
}

/** RFC 9457. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  detail: string
  errors?: { pointer: string; code: string; detail: string }[]
}
