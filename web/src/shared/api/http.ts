// One request to our own server: query strings, JSON in and out, problem+json as an exception.
import { setServerTime } from '../clock'
import { locale } from '../i18n'
import type { ProblemBody } from './types'

export type Query = Record<string, string | number | boolean | undefined>

/** What the server says went wrong, in the caller's language. */
export class Problem extends Error {
  constructor(readonly body: ProblemBody) {
    super(body.detail || body.title)
  }

  get status(): number {
    return this.body.status
  }

  /** Who has left is signed in all the same: to upload what was captured in service, and to read their own. */
  get hasLeft(): boolean {
    return this.body.type === '/problems/service-ended'
  }

  /** The sentence for one field, by its JSON pointer (`/password`). */
  field(pointer: string): string | undefined {
    return this.body.errors?.find((error) => error.pointer.endsWith(pointer))?.detail
  }
}

/** It is not there, or lies out of the reader's sight: the server does not say which. */
export const isNotFound = (error: unknown): boolean => error instanceof Problem && error.status === 404

/** The server could not be reached, or answered something that is not ours. */
export class Unreachable extends Error {}

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

export interface Asked extends RequestInit {
  read?: 'json' | 'blob'
}

export async function request<T>(path: string, { read = 'json', ...init }: Asked = {}): Promise<T> {
  const headers = new Headers(init.headers)
  headers.set('Accept-Language', locale.value)
  let response: Response
  try {
    response = await fetch(path, { ...init, headers })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Unreachable(String(error))
  }
  setServerTime(response.headers.get('Date'))
  if (response.status === 204) return undefined as T
  let body: unknown
  try {
    body = await (response.ok && read === 'blob' ? response.blob() : response.json())
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Unreachable(`${response.status} ${path}`)
  }
  if (!response.ok) throw new Problem(body as ProblemBody)
  return body as T
}
