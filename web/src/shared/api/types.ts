// The names by which the page speaks of what the API serves; the shapes are the document's.
import type { Schemas } from './wire'

export type Iso = string // RFC 3339 with offset
export type Day = string // YYYY-MM-DD, a date in the county's zone

export type Category = Schemas['Category']
export type Level = Schemas['UnitLevel']
export type Role = Schemas['Role']
export type Ability = Schemas['Ability']
export type Measure = Schemas['Rule']['measure']
export type PeriodKind = Schemas['Period']['kind']
export type DutyStatus = Schemas['Duty']['status']
export type FlagStatus = Schemas['Flag']['status']
export type Place = Schemas['CheckIn']['place']
export type Standing = Schemas['CheckIn']['standing']
export type Purpose = Schemas['CheckIn']['purpose']
export type LeaveKind = Schemas['LeaveItem']['kind']
export type Half = Schemas['LeaveItem']['from_half']
export type AppealStatus = Schemas['AppealRef']['status']

export type Named = Schemas['Named']
export type PersonRef = Schemas['PersonRef']
export type UnitRef = Schemas['UnitRef']
export type Coded = Schemas['Explained']

export type TokenReply = Schemas['TokenOut']
export type Me = Schemas['MeOut']
export type Rule = Schemas['Rule']
export type Unit = Schemas['Unit']
export type Village = Schemas['Village']
export type Township = Schemas['Township']
export type Household = Schemas['VillageHousehold']
export type Person = Schemas['Person']
export type PersonDetail = Schemas['PersonDetail']
export type VillageDetail = Schemas['VillageDetail']
export type ServedPeriod = Schemas['Period']
export type Tally = Schemas['Tally']
export type ComplianceRow = Schemas['ComplianceItem']
export type Compliance = Schemas['Compliance']
export type Waiting = Schemas['Waiting']
export type Duty = Schemas['Duty']
export type DutyDetail = Schemas['DutyDetail']
export type CheckIn = Schemas['CheckIn']
export type StandingReview = Schemas['StandingReview']
export type Considered = Schemas['Considered']
export type ConsideredStay = Schemas['ConsideredStay']
export type AppealRef = Schemas['AppealRef']
export type Flag = Schemas['Flag']
export type FlagDetail = Schemas['FlagDetail']
export type FlagTotals = Schemas['FlagTotals']
export type FlagsAnswered = Schemas['Answered']
export type PersonSheet = Schemas['PersonSheet']
export type Act = Schemas['Act']
export type ProblemBody = Schemas['Problem']

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}
