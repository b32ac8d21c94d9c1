// The console's endpoints that the office works with, one function each.
import { get, send } from './console'
import type { Day } from '../../shared/api/types'
import type { QueryOf, Schemas } from '../../shared/api/wire'

/** What a rule says: docs/duties.md. */
export type Terms = Required<Omit<Schemas['RuleIn'], 'effective_from'>>
export type Preset = Schemas['Preset']
export type RuleVersion = Schemas['RuleVersionOut']
export type Trial = Schemas['Trial']

const RULES = '/v1/counties/{county_id}/rules'
const RULE = '/v1/counties/{county_id}/rules/{rule_id}'

export const getPresets = (signal: AbortSignal) => get(`${RULES}/presets`, { signal })
export const getRule = (rule_id: string, signal: AbortSignal) => get(RULE, { in: { rule_id }, signal })

/** Nothing is changed; with the id of a rule, beside how everybody stands under it as it is. */
export const tryRule = (terms: Terms, rule_id: string | null, tried_on: Day) =>
  send('post', `${RULES}/preview`, { body: { ...terms, rule_id, tried_on } })
export const saveRule = (terms: Terms, rule_id: string | null, effective_from: Day) => {
  const body = { ...terms, effective_from }
  return rule_id ? send('put', RULE, { in: { rule_id }, body }) : send('post', RULES, { body })
}
export const endRule = (rule_id: string, effective_until: Day) =>
  send('post', `${RULE}/end`, { in: { rule_id }, body: { effective_until } })

export type SettingGroup = Schemas['SettingGroup']
export type Setting = Schemas['SettingOut']
export const getCountySettings = (signal: AbortSignal) => get('/v1/counties/{county_id}/settings', { signal })
export const putCountySettings = (settings: Record<string, unknown>) =>
  send('put', '/v1/counties/{county_id}/settings', { body: { settings } })

export type CalendarDay = Schemas['CalendarDayOut']
const DAY = '/v1/counties/{county_id}/calendar/{day}'
export const getCalendar = (from: Day, to: Day, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/calendar', { query: { from, to }, signal })
export const setDay = (day: Day, body: Schemas['CalendarDayIn'], preview: boolean) =>
  send('put', DAY, { in: { day }, body, query: { preview } })
export const dropDay = (day: Day, preview: boolean) =>
  send('delete', DAY, { in: { day }, query: { preview } })
export const confirmYear = (year: string, source: string, preview: boolean) =>
  send('put', '/v1/counties/{county_id}/calendar/years/{year}', {
    in: { year },
    body: { source },
    query: { preview },
  })

export type Appeal = Schemas['Appeal']
export type AppealDetail = Schemas['AppealDetail']
export type AppealDecision = Schemas['AppealDecision']['decision']
const APPEALS = '/v1/counties/{county_id}/appeals'
const APPEAL = '/v1/counties/{county_id}/appeals/{appeal_id}'

export const getAppeals = (query: QueryOf<typeof APPEALS>, signal: AbortSignal) =>
  get(APPEALS, { query, signal })
export const getAppeal = (appeal_id: string, signal: AbortSignal) =>
  get(APPEAL, { in: { appeal_id }, signal })
export const decideAppeal = (appeal_id: string, decision: AppealDecision, reason: string) =>
  send('post', `${APPEAL}/decide`, { in: { appeal_id }, body: { decision, reason } })

export type Leave = Schemas['LeaveItem']
export type LeaveSettled = Schemas['LeaveSettled']
export type LeaveSpan = Pick<Leave, 'id' | 'kind' | 'from_date' | 'from_half' | 'until_date' | 'until_half'>
export type ChangedDuty = Schemas['ChangedDuty']
export type LeaveDecision = 'approve' | 'refuse'
const LEAVE = '/v1/counties/{county_id}/leave'

export const getLeave = (query: QueryOf<typeof LEAVE>, signal: AbortSignal) => get(LEAVE, { query, signal })
export const decideLeave = (leave_id: string, decision: LeaveDecision, reason: string) =>
  send('post', `${LEAVE}/{leave_id}/${decision}`, { in: { leave_id }, body: { reason } })
export const revokeLeave = (leave_id: string, body: Schemas['LeaveRevocation']) =>
  send('post', `${LEAVE}/{leave_id}/revoke`, { in: { leave_id }, body })

/** The same visits seen from the household's side. */
export type Unvisited = Schemas['Unvisited']
export type Coverage = Schemas['Coverage']
export type CoverageTally = Schemas['CoverageTally']
const COVERAGE = '/v1/counties/{county_id}/coverage'
export const getCoverage = (query: QueryOf<typeof COVERAGE>, signal: AbortSignal) =>
  get(COVERAGE, { query, signal })

/** Not heard from: that is not the same as having missed anything. */
export type Silent = Schemas['Silent']
const SILENCE = '/v1/counties/{county_id}/silence'
export const getSilence = (query: QueryOf<typeof SILENCE>, signal: AbortSignal) =>
  get(SILENCE, { query, signal })

/** Who was shown what of whom, and the head of the chain of seals. */
const LOOKS = '/v1/counties/{county_id}/looks'
export const getLooks = (query: QueryOf<typeof LOOKS>, signal: AbortSignal) => get(LOOKS, { query, signal })
export const getSealHead = (signal: AbortSignal) => get('/v1/counties/{county_id}/seals/head', { signal })

/** 领导夜访考: sums over the forms of counted night visits. */
export type NightFigures = Schemas['FormFigures']
export type NightVisits = Schemas['NightVisits']
const NIGHT_VISITS = '/v1/counties/{county_id}/night-visits'
export const getNightVisits = (query: QueryOf<typeof NIGHT_VISITS>, signal: AbortSignal) =>
  get(NIGHT_VISITS, { query, signal })
