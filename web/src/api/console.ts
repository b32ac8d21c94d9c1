// The console's endpoints, one function each, for the county of whoever is signed in.
import { accessToken, countyId } from '../session'
import { Problem, request, withQuery, type Asked, type Query } from './http'
import type {
  Act,
  CheckIn,
  Compliance,
  Duty,
  DutyDetail,
  Flag,
  FlagsAnswered,
  FlagStatus,
  FlagTotals,
  Grouping,
  Me,
  Page,
  Person,
  PersonDetail,
  Rule,
  Unit,
  Village,
  VillageDetail,
} from './types'

const MAX_PAGE = 200

export async function authorized<T>(path: string, init: Asked = {}, rejected?: string): Promise<T> {
  const token = await accessToken(rejected)
  const headers = new Headers(init.headers)
  headers.set('Authorization', `Bearer ${token}`)
  try {
    return await request<T>(path, { ...init, headers })
  } catch (error) {
    if (error instanceof Problem && error.status === 401 && !rejected) return authorized(path, init, token)
    throw error
  }
}

export const county = (path: string) => `/v1/counties/${countyId()}${path}`

export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return authorized<T>(withQuery(path, query), signal ? { signal } : {})
}

/** Sends a change to one of the county's paths. */
export const send = <T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown = null) =>
  authorized<T>(county(path), {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body === null ? null : JSON.stringify(body),
  })

async function every<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page: Page<T> = await get(path, { ...query, limit: MAX_PAGE, cursor }, signal)
    items.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor)
  return items
}

export const getMe = () => get<Me>('/v1/me')
export const getRules = () => every<Rule>(county('/rules'))
export const getUnits = () => every<Unit>(county('/units'))
export const getVillages = () => every<Village>(county('/villages'))

export interface ComplianceQuery extends Query {
  period: string
  rule: string
  unit: string | undefined
  group_by: Grouping
}
export const getCompliance = (query: ComplianceQuery, signal: AbortSignal) =>
  get<Compliance>(county('/compliance'), query, signal)

export interface DutyQuery extends Query {
  period: string
  rule: string
  status?: string
  awaiting_review?: boolean | undefined
  unit?: string | undefined
  village?: string
  category?: string | undefined
  person?: string
  cursor?: string | undefined
  limit?: number
}
export const getDuties = (query: DutyQuery, signal: AbortSignal) =>
  get<Page<Duty>>(county('/duties'), query, signal)

export const getDuty = (id: string, signal: AbortSignal) =>
  get<DutyDetail>(county(`/duties/${encodeURIComponent(id)}`), {}, signal)

export const getVillage = (id: string, signal: AbortSignal) =>
  get<VillageDetail>(county(`/villages/${id}`), {}, signal)

/** How many a search lists; whoever shows them says when there are more. */
export const MOST_FOUND = 20
export const findPeople = (q: string, signal: AbortSignal) =>
  get<Page<Person>>(county('/people'), { q, limit: MOST_FOUND }, signal)

export const getPerson = (id: string, signal: AbortSignal) =>
  get<PersonDetail>(county(`/people/${id}`), {}, signal)

export interface CheckInQuery extends Query {
  from: string
  to: string
  person: string
}
export const getCheckIns = (query: CheckInQuery, signal: AbortSignal) =>
  every<CheckIn>(county('/check-ins'), query, signal)

export interface FlagFilter extends Query {
  status: FlagStatus
  unit: string | undefined
  rule: string | undefined
  level: number | undefined
  mine: string | undefined // true: only those put before the reader
}
export const getFlags = (filter: FlagFilter, cursor: string | undefined, signal: AbortSignal) =>
  get<Page<Flag>>(county('/flags'), { ...filter, cursor }, signal)
export const getFlagTotals = (filter: FlagFilter, signal: AbortSignal) =>
  get<FlagTotals>(county('/flags/totals'), filter, signal)

export const getFlag = (id: string, signal: AbortSignal) =>
  get<Flag & { history: Act[] }>(county(`/flags/${id}`), {}, signal)

export type FlagAnswer = 'acknowledge' | 'clear'
export const answerFlag = (id: string, answer: FlagAnswer, reason: string) =>
  send<Flag>('POST', `/flags/${id}/${answer}`, { reason })

/** Flags by id, or all that matched the filter when it was counted. */
export type ManyFlags = { ids: string[] } | { match: FlagFilter & { as_of: string } }
export const answerFlags = (many: ManyFlags, answer: FlagAnswer, reason: string) =>
  send<FlagsAnswered>('POST', `/flags/${answer}`, { reason, ...many })

export type TileLayer = 'townships' | 'villages' | 'check_ins'
export const tileUrl = (layer: TileLayer, query: Query) =>
  withQuery(`${location.origin}${county(`/tiles/${layer}`)}/{z}/{x}/{y}.mvt`, query)
