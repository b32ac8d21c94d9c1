// Who is signed in. The access token lives in this tab's memory and the refresh token in a cookie that no script reads;
// localStorage knows the person alone, so that a reload, a second tab and a phone without a network know whose they are.
// Refresh tokens rotate. One that is asked with twice is answered the same until its successor has been used, so it does
// no harm where two tabs renew at once; a lock spares the second request.
import { nextTick, ref } from 'vue'
import { Problem, request } from './api/http'
import type { TokenReply } from './api/types'
import { newId } from './ids'

export type Person = TokenReply['person']

interface Kept {
  person: Person
  refresh?: string // of a version that kept it here: handed in once for a cookie, then gone
}

// One origin serves the console and the phone app: each has a session of its own, the phone's is its device's.
const onPhone = document.documentElement.dataset.app === 'phone'
export const KEY = onPhone ? 'yefang.phone' : 'yefang.session'
export const DEVICE = 'yefang.device'
const LEFT = `${KEY}.left` // signed out where the server could not hear it: it is told as soon as it can
const AS_PAGE = { 'X-Yefang-Cookie': onPhone ? 'phone' : 'console' }
const EARLY_MS = 60_000 // refresh this long before the access token ends

export type SessionState = 'out' | 'in' | 'ended' // `ended`: was signed in, and the server says no more
let who = stored()?.person ?? null // whom this tab speaks for
let access: { token: string; expiresAt: number } | null = null
export const sessionState = ref<SessionState>(who ? 'in' : 'out')

function stored(): Kept | null {
  const text = localStorage.getItem(KEY)
  const kept = text ? (JSON.parse(text) as Kept) : null
  return kept?.person ? kept : null
}

function keep(reply: TokenReply): string {
  access = { token: reply.access_token, expiresAt: Date.now() + reply.expires_in * 1000 }
  who = reply.person
  localStorage.setItem(KEY, JSON.stringify({ person: who }))
  sessionState.value = 'in'
  return access.token
}

function forget(state: SessionState): void {
  localStorage.removeItem(KEY)
  who = access = null
  sessionState.value = state
}

window.addEventListener('storage', (event) => {
  if (event.key === KEY) follow()
})

/** Another tab has signed somebody in or out. */
function follow(): void {
  const now = stored()?.person ?? null
  if (who && now && who.id !== now.id) return location.reload() // nothing here is the other one's
  if (!now) access = null
  who = now
  sessionState.value = now ? 'in' : 'out'
}

/** Reads it again, where it has been put back behind this file's back. */
export function recalled(): void {
  if (!who) follow()
}

const token = (fields: Record<string, string>) =>
  request<TokenReply>('/v1/auth/token', {
    method: 'POST',
    headers: AS_PAGE,
    body: new URLSearchParams(fields),
  })

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
  await leaving
  const fields = { grant_type: 'password', username, password, ...(otp && { otp }), ...asDevice() }
  await begin(await token(fields))
}

/** A password of one's own, by a code from the office. Whoever was signed in here before is so no more. */
export async function activate(code: string, password: string): Promise<void> {
  await leaving
  const init = {
    method: 'POST',
    headers: { ...AS_PAGE, 'Content-Type': 'application/json' },
    body: JSON.stringify({ code, password, ...asDevice() }),
  }
  await begin(await request<TokenReply>('/v1/auth/activate', init))
}

async function begin(reply: TokenReply): Promise<void> {
  localStorage.removeItem(LEFT) // the server has ended what was here before
  if (sessionState.value === 'in') {
    forget('out')
    await nextTick() // until nothing of theirs is shown
  }
  keep(reply)
}

export async function signOut(): Promise<void> {
  localStorage.setItem(LEFT, '1')
  forget('out')
  await sayLeft()
}

/** Whoever signs in waits for it, lest its answer take the new cookie away. */
let leaving = Promise.resolve()

function sayLeft(): Promise<void> {
  if (localStorage.getItem(LEFT)) {
    leaving = request<undefined>('/v1/auth/forget', { method: 'POST', headers: AS_PAGE }).then(
      () => localStorage.removeItem(LEFT),
      () => undefined, // signed out here all the same
    )
  }
  return leaving
}

void sayLeft()
window.addEventListener('online', () => void sayLeft())

let refreshing: Promise<string> | null = null

/** A good access token; `rejected` is one the server has just answered 401 to. */
export async function accessToken(rejected?: string): Promise<string> {
  if (!who) throw sessionEnded()
  if (access && access.token !== rejected && access.expiresAt - EARLY_MS > Date.now()) return access.token
  refreshing ??= alone(refresh).finally(() => (refreshing = null))
  return refreshing
}

async function refresh(): Promise<string> {
  const mine = who
  if (!mine) throw sessionEnded() // while it waited
  const before = stored()?.refresh
  try {
    const reply = await token({ grant_type: 'refresh_token', ...(before && { refresh_token: before }) })
    if (who !== mine) throw sessionEnded() // signed out meanwhile
    if (reply.person.id === mine.id) return keep(reply)
    localStorage.setItem(KEY, JSON.stringify({ person: reply.person })) // another tab has signed another one in
    follow()
  } catch (error) {
    const over = error instanceof Problem && error.status === 401 // not 429: that only means later
    if (over && who === mine) forget('ended')
    throw error
  }
  throw sessionEnded()
}

/** Runs alone among the tabs, where the browser can (secure contexts); else among this tab's calls only. */
function alone<T>(run: () => Promise<T>): Promise<T> {
  if (!('locks' in navigator)) return run()
  return navigator.locks.request(KEY, run) as Promise<T>
}

function sessionEnded(): Problem {
  return new Problem({ type: 'about:blank', title: 'signed out', status: 401, detail: '', errors: [] })
}

export function countyId(): string {
  return who?.county_id ?? ''
}

export function signedInAs(): Person | null {
  return who
}
