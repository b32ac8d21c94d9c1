// Who is signed in. Tokens live in localStorage so that a reload and a second tab stay signed in; refresh
// tokens rotate. One that is asked with twice is answered the same until its successor has been used, so it does no
// harm where two tabs renew at once, or one reads late what another has written; a lock spares the second request.
import { ref } from 'vue'
import { Problem, request } from './api/http'
import type { TokenReply } from './api/types'
import { newId } from './ids'

interface Tokens {
  access: string
  refresh: string
  expiresAt: number
  person: TokenReply['person']
}

// One origin serves the console and the phone app: each has a session of its own, the phone's is its device's.
const onPhone = document.documentElement.dataset.app === 'phone'
export const KEY = onPhone ? 'yefang.phone' : 'yefang.session'
export const DEVICE = 'yefang.device'
const EARLY_MS = 60_000 // refresh this long before the access token ends

export type SessionState = 'out' | 'in' | 'ended' // `ended`: was signed in, and the server says no more
export const sessionState = ref<SessionState>(stored() ? 'in' : 'out')

function stored(): Tokens | null {
  const text = localStorage.getItem(KEY)
  const tokens = text ? (JSON.parse(text) as Tokens) : null
  return tokens?.person ? tokens : null
}

function keep(reply: TokenReply): Tokens {
  const tokens = {
    access: reply.access_token,
    refresh: reply.refresh_token,
    expiresAt: Date.now() + reply.expires_in * 1000,
    person: reply.person,
  }
  localStorage.setItem(KEY, JSON.stringify(tokens))
  return tokens
}

function forget(state: SessionState): void {
  localStorage.removeItem(KEY)
  sessionState.value = state
}

window.addEventListener('storage', (event) => {
  if (event.key === KEY) sessionState.value = event.newValue ? 'in' : 'out'
})

const token = (fields: Record<string, string>) =>
  request<TokenReply>('/v1/auth/token', { method: 'POST', body: new URLSearchParams(fields) })

/** This browser as a device, on the phone; made up once, and the same until its storage is cleared. */
export function deviceId(): string {
  const known = localStorage.getItem(DEVICE)
  if (known) return known
  const made = `web-${newId()}`
  localStorage.setItem(DEVICE, made)
  return made
}

const asDevice = (): Record<string, string> => (onPhone ? { device_id: deviceId() } : {})

/** `otp`: the code of a second factor; empty where none has been asked for. */
export async function signIn(username: string, password: string, otp: string): Promise<void> {
  const fields = { grant_type: 'password', username, password, ...(otp && { otp }), ...asDevice() }
  keep(await token(fields))
  sessionState.value = 'in'
}

/** A password of one's own, by a code from the office. Whoever was signed in here before is so no more. */
export async function activate(code: string, password: string): Promise<void> {
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code, password, ...asDevice() }),
  }
  const reply = await request<TokenReply>('/v1/auth/activate', init)
  if (sessionState.value === 'in') await signOut()
  keep(reply)
  sessionState.value = 'in'
}

export async function signOut(): Promise<void> {
  const access = await accessToken().catch(() => null)
  forget('out')
  if (access) {
    await request('/v1/auth/logout', {
      method: 'POST',
      headers: { Authorization: `Bearer ${access}` },
    }).catch(
      () => undefined, // signed out here all the same; the server's session runs out by itself
    )
  }
}

let refreshing: Promise<string> | null = null

/** A good access token; `rejected` is one the server has just answered 401 to. */
export async function accessToken(rejected?: string): Promise<string> {
  const tokens = stored()
  if (!tokens) throw sessionEnded()
  if (tokens.access !== rejected && tokens.expiresAt - EARLY_MS > Date.now()) return tokens.access
  refreshing ??= alone(() => refresh(tokens.refresh)).finally(() => (refreshing = null))
  return refreshing
}

async function refresh(spent: string): Promise<string> {
  const tokens = stored()
  if (!tokens) throw sessionEnded()
  if (tokens.refresh !== spent) return tokens.access // another tab was first
  try {
    return keep(await token({ grant_type: 'refresh_token', refresh_token: spent })).access
  } catch (error) {
    if (error instanceof Problem && error.status === 401) forget('ended') // not 429: that only means later
    throw error
  }
}

/** Runs alone among the tabs, where the browser can (secure contexts); else among this tab's calls only. */
function alone<T>(run: () => Promise<T>): Promise<T> {
  if (!('locks' in navigator)) return run()
  return navigator.locks.request(KEY, run) as Promise<T>
}

function sessionEnded(): Problem {
  forget('ended')
  return new Problem({ type: 'about:blank', title: 'signed out', status: 401, detail: '', errors: [] })
}

export function countyId(): string {
  return stored()?.person.county_id ?? ''
}

export function signedInAs(): TokenReply['person'] | null {
  return stored()?.person ?? null
}
