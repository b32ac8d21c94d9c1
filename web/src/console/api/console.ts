// The console's endpoints, for the county of whoever is signed in. Paths, queries and bodies are the document's.
import { accessToken, countyId } from '../../shared/session'
import { Problem, request, withQuery, type Asked } from '../../shared/api/http'
import type { Page } from '../../shared/api/types'
import type { AnswerOf, BodyOf, InPath, PathOf, QueryOf, Schemas, Verb } from '../../shared/api/wire'

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

/** The path with its braces filled: `county_id` by the county signed in to. */
export function filled(path: string, values: Record<string, string> = {}): string {
  return path.replace(/{(\w+)}/g, (_, name: string) =>
    encodeURIComponent(name === 'county_id' ? countyId() : values[name]!),
  )
}

type Filling<P extends string> = keyof InPath<P> extends never ? { in?: never } : { in: InPath<P> }
type Reading<P extends PathOf<'get'>> = Filling<P> & { query?: QueryOf<P>; signal?: AbortSignal }

/** Reads a path of the document. */
export const get = <P extends PathOf<'get'>>(path: P, asked: Reading<P>): Promise<AnswerOf<'get', P>> =>
  authorized(withQuery(filled(path, asked.in), asked.query), { signal: asked.signal })

type Change = Exclude<Verb, 'get'>
type Sending<V extends Change, P extends PathOf<V>> = Filling<P> & { query?: QueryOf<P, V> } & (BodyOf<
    V,
    P
  > extends undefined
    ? { body?: undefined }
    : { body: BodyOf<V, P> })

/** Sends a change to a path of the document. */
export const send = <V extends Change, P extends PathOf<V>>(
  verb: V,
  path: P,
  { in: values, query, body }: Sending<V, P>,
): Promise<AnswerOf<V, P>> =>
  authorized(withQuery(filled(path, values), query), {
    method: verb.toUpperCase(),
    headers: { 'Content-Type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })

type Item<T> = T extends { items: (infer I)[] } ? I : never

/** All pages of a list. */
async function every<P extends PathOf<'get'>>(
  path: P,
  query: object = {},
  signal?: AbortSignal,
): Promise<Item<AnswerOf<'get', P>>[]> {
  const items: Item<AnswerOf<'get', P>>[] = []
  let cursor: string | undefined
  do {
    const url = withQuery(filled(path), { ...query, limit: MAX_PAGE, cursor })
    const page = await authorized<Page<Item<AnswerOf<'get', P>>>>(url, { signal })
    items.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor)
  return items
}

export const getMe = () => get('/v1/me', {})
export const getRules = () => every('/v1/counties/{county_id}/rules')
export const getUnits = () => every('/v1/counties/{county_id}/units')
export const getVillages = () => every('/v1/counties/{county_id}/villages')

const COMPLIANCE = '/v1/counties/{county_id}/compliance'
export type Grouping = NonNullable<QueryOf<typeof COMPLIANCE>['group_by']>
export const getCompliance = (query: QueryOf<typeof COMPLIANCE>, signal: AbortSignal) =>
  get(COMPLIANCE, { query, signal })

const DUTIES = '/v1/counties/{county_id}/duties'
export type DutyQuery = QueryOf<typeof DUTIES>
export const getDuties = (query: DutyQuery, signal: AbortSignal) => get(DUTIES, { query, signal })

export const getDuty = (duty_id: string, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/duties/{duty_id}', { in: { duty_id }, signal })

export const getVillage = (village_id: string, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/villages/{village_id}', { in: { village_id }, signal })

/** How many a search lists; whoever shows them says when there are more. */
export const MOST_FOUND = 20
export const findPeople = (q: string, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/people', { query: { q, limit: MOST_FOUND }, signal })

export const getPerson = (person_id: string, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/people/{person_id}', { in: { person_id }, signal })

const SHEET = '/v1/counties/{county_id}/people/{person_id}/sheet'
export const getPersonSheet = (person_id: string, query: QueryOf<typeof SHEET>, signal: AbortSignal) =>
  get(SHEET, { in: { person_id }, query, signal })

const CHECK_INS = '/v1/counties/{county_id}/check-ins'
export const getCheckIns = (query: QueryOf<typeof CHECK_INS>, signal: AbortSignal) =>
  every(CHECK_INS, query, signal)

const FLAGS = '/v1/counties/{county_id}/flags'
export type FlagFilter = Omit<QueryOf<typeof FLAGS>, 'cursor' | 'limit'>
export const getFlags = (filter: FlagFilter, cursor: string | undefined, signal: AbortSignal) =>
  get(FLAGS, { query: { ...filter, cursor }, signal })
export const getFlagTotals = (filter: FlagFilter, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/flags/totals', { query: filter, signal })

export const getFlag = (flag_id: string, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/flags/{flag_id}', { in: { flag_id }, signal })

export type FlagAnswer = 'acknowledge' | 'clear'
export const answerFlag = (flag_id: string, answer: FlagAnswer, reason: string) =>
  send('post', `/v1/counties/{county_id}/flags/{flag_id}/${answer}`, { in: { flag_id }, body: { reason } })

/** Flags by id, or all that matched the filter when it was counted. */
export type ManyFlags = { ids: string[] } | { match: Schemas['Match'] }
export const answerFlags = (many: ManyFlags, answer: FlagAnswer, reason: string) =>
  send('post', `/v1/counties/{county_id}/flags/${answer}`, { body: { reason, ...many } })

export type TileLayer = 'townships' | 'villages' | 'check_ins'
export const tileUrl = (layer: TileLayer, query: Record<string, string | undefined>) =>
  withQuery(`${location.origin}${filled('/v1/counties/{county_id}/tiles')}/${layer}/{z}/{x}/{y}.mvt`, query)
