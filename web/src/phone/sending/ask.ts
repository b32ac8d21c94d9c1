// One request for whoever is signed in: with a limit of time, a token refreshed when it has run out, and an answer
// whatever its status. What is not ours (a sign-in page of a hotel, a proxy's error) has no `problem`.
import type { ProblemBody } from '../../shared/api/types'
import { setServerTime } from '../../shared/clock'
import { locale } from '../../shared/i18n'
import { accessToken } from '../../shared/session'
import { Problem } from '../../shared/api/http'

export interface Reply {
  status: number
  body: unknown // parsed JSON, or null
  problem: ProblemBody | null
  retryAfterMs: number | null
}

export class Slow extends Error {}

export interface Wish {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  json?: unknown
  bytes?: ArrayBuffer
  timeoutMs?: number
}
export type Ask = (path: string, wish?: Wish) => Promise<Reply>

/** Raises `Slow`, a TypeError where there is no network, and a `Problem` of status 401 once the session has ended. */
export const ask: Ask = async (path, wish = {}) => {
  const token = await accessToken()
  const reply = await once(path, wish, token)
  return reply.status === 401 ? once(path, wish, await accessToken(token)) : reply
}

async function once(
  path: string,
  { method = 'GET', json, bytes, timeoutMs = 30_000 }: Wish,
  token: string,
): Promise<Reply> {
  const headers = new Headers({ Authorization: `Bearer ${token}`, 'Accept-Language': locale.value })
  if (json !== undefined) headers.set('Content-Type', 'application/json')
  if (bytes) headers.set('Content-Type', 'image/jpeg')
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), timeoutMs)
  try {
    const body = bytes ?? (json === undefined ? undefined : JSON.stringify(json))
    const response = await fetch(path, { method, headers, body, signal: limit.signal, cache: 'no-store' })
    setServerTime(response.headers.get('Date'))
    const text = await response.text()
    return {
      status: response.status,
      retryAfterMs: retryAfter(response.headers.get('Retry-After')),
      ...parsed(text, response),
    }
  } catch (error) {
    throw limit.signal.aborted ? new Slow(path) : error
  } finally {
    clearTimeout(timer)
  }
}

function parsed(text: string, response: Response): Pick<Reply, 'body' | 'problem'> {
  let body: unknown = null
  try {
    body = JSON.parse(text)
  } catch {
    return { body: null, problem: null }
  }
  const ours = /problem\+json/.test(response.headers.get('Content-Type') ?? '')
  return { body, problem: ours ? (body as ProblemBody) : null }
}

/** Seconds, or a date; null where nothing sensible is said. */
function retryAfter(header: string | null): number | null {
  if (!header) return null
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}

/** What is answered to a read; raises a `Problem` for what the server refuses. */
export async function read<T>(path: string, wish: Wish = {}): Promise<T> {
  const { status, body, problem } = await ask(path, wish)
  if (problem) throw new Problem(problem)
  if (status === 204) return undefined as T
  if (status >= 300 || body === null) throw new TypeError(`${status} ${path}`)
  return body as T
}
