// What this phone knows and does: whose it is, what waits, when it last reached the server. One for the whole app.
import { ref, shallowRef, watch } from 'vue'
import { clockOffset, serverNow, setServerTime } from '../shared/clock'
import { locale, t } from '../shared/i18n'
import { DEVICE, KEY, recalled, sessionState, signedInAs, signOut } from '../shared/session'
import { endPush } from './push'
import { ask, type Ask } from './sending/ask'
import { correction, wireOf } from './sending/wire'
import { Sender, type Pass } from './sending/sender'
import { forgetAnswers, forgetAnswersOf, WHO } from './store/answers'
import { openDatabase, type Database, type Item, type Letter, type Photo } from './store/database'
import { draftOf, itemsOf, photosOf } from './store/items'
import { lettersOf } from './store/letters'

export const VERSION = 'web-1'
const PERSON = 'yefang.phone.person' // stays when the session has run out: a visit can be recorded all the same
const CONTACT = 'yefang.phone.contact'
const LOCK = 'yefang-phone-sending'
// WebKit clears what a page has stored when it was not opened for a week, unless it was opened from the home screen.
const IN_SAFARI = /iPhone|iPad/.test(navigator.userAgent) && !matchMedia('(display-mode: standalone)').matches
const FROZEN_MS = 240_000 // longer than any pass waits for one answer: then the tab that holds the lock is asleep

export type Owner = NonNullable<ReturnType<typeof signedInAs>>

function storedPerson(): Owner | null {
  const text = localStorage.getItem(PERSON)
  return text ? (JSON.parse(text) as Owner) : null
}

export const person = ref<Owner | null>(signedInAs() ?? storedPerson())
export const items = shallowRef<Item[]>([])
export const photos = shallowRef<Photo[]>([])
export const letters = shallowRef<Letter[]>([])
export const sendingIds = ref<string[]>([])
export const lastPass = shallowRef<Pass | null>(null)
export const lastContact = ref(Number(localStorage.getItem(CONTACT)) || null)
export const offset = ref<number | null>(null)
export const storageAtRisk = ref<'phone.storage.risk' | 'phone.storage.seven_days' | null>(null) // it may be thrown away
export const storageFull = ref(false)

let database: Database
let sender: Sender
const told = 'BroadcastChannel' in window ? new BroadcastChannel(LOCK) : null

export const store = () => database

export async function start(): Promise<void> {
  database = await openDatabase()
  await recall()
  sender = new Sender(database, heard, {
    now: Date.now,
    random: Math.random,
    offset: clockOffset,
    freeze: (item) =>
      wireOf(
        item,
        clockOffset(),
        (ms) => t('phone.clock.shown', { time: new Date(ms).toLocaleString(locale.value) }),
        VERSION,
      ),
    sending: (ids) => (sendingIds.value = ids),
  })
  watch(sessionState, () => void follow(), { immediate: true })
  if (told) told.onmessage = () => void refresh()
  for (const event of ['online', 'focus', 'pageshow']) window.addEventListener(event, () => send(true))
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && send(true))
  await lookAtStorage()
  await refresh()
  forgetAnswers(database).catch(console.error)
}

async function follow(): Promise<void> {
  const signedIn = signedInAs()
  if (signedIn) {
    localStorage.setItem(PERSON, JSON.stringify(signedIn))
    person.value = signedIn
  }
  if (person.value) await remember()
  await refresh()
  if (signedIn) send(true)
}

// Chromium writes localStorage some seconds late, and a killed browser loses it: so who is here is kept twice.

async function remember(): Promise<void> {
  const signedIn = signedInAs()
  const body = [
    [KEY, signedIn && JSON.stringify({ person: signedIn })], // whatever else stands there: tokens of older versions
    ...[PERSON, DEVICE].map((key) => [key, localStorage.getItem(key)]),
  ]
  await database.put('answers', { at: Date.now(), body }, WHO).catch(() => undefined) // full: localStorage has it
}

async function recall(): Promise<void> {
  const kept = localStorage.getItem(PERSON) ? undefined : await database.get('answers', WHO)
  if (!kept) return
  for (const [key, text] of kept.body as [string, string | null][]) if (text) localStorage.setItem(key, text)
  person.value = storedPerson()
  recalled()
}

/** Whoever leaves keeps what waits, for when they sign in again here; what the server said of them goes. */
export async function leave(): Promise<void> {
  await endPush().catch(() => undefined)
  localStorage.removeItem(PERSON)
  const owner = person.value?.id ?? ''
  person.value = null
  await database.delete('answers', WHO)
  await forgetAnswersOf(database, owner)
  await signOut()
}

/** Whether the browser keeps what is stored here, and whether there is room for more. */
export async function lookAtStorage(): Promise<void> {
  const kept = await navigator.storage?.persist?.().catch(() => false)
  storageAtRisk.value = kept ? null : IN_SAFARI ? 'phone.storage.seven_days' : 'phone.storage.risk'
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {}
  storageFull.value = quota > 0 && quota - usage < 20_000_000
}

/** Reads again what is stored, after any change in this tab or another. */
export async function refresh(): Promise<void> {
  if (!person.value) return
  const owner = person.value.id
  ;[items.value, photos.value, letters.value] = await Promise.all([
    itemsOf(database, owner),
    photosOf(database, owner),
    lettersOf(database, owner),
  ])
}

export async function changed(): Promise<void> {
  told?.postMessage('changed')
  await refresh()
}

let timer = 0
let busy = false
let again = false

/** Sends what waits, now. `hopeful`: something has changed that makes success likely. */
export function send(hopeful = false): void {
  if (hopeful) sender.hopeful()
  clearTimeout(timer)
  if (busy) again = true
  else void run()
}

async function run(): Promise<void> {
  if (!person.value || sessionState.value !== 'in') return
  const owner = person.value.id
  busy = true
  again = false
  try {
    lastPass.value = await alone(() => pass(owner))
  } catch (error) {
    console.error(error)
    lastPass.value = { againIn: 60_000, stopped: null }
  } finally {
    busy = false
  }
  await changed()
  const wait = again ? 0 : lastPass.value?.againIn
  if (wait !== null && wait !== undefined) timer = window.setTimeout(() => send(), wait)
}

async function pass(owner: string): Promise<Pass> {
  if (clockOffset() === null) await fetch('/healthz', { cache: 'no-store' }).then(noteClock, () => undefined)
  if (signedInAs()?.id !== owner) return { againIn: null, stopped: 'signed_out' }
  const shown = window.setInterval(() => void refresh(), 500)
  const result = await sender.pass(owner).finally(() => clearInterval(shown))
  offset.value = correction(clockOffset())
  return result
}

function noteClock(response: Response): void {
  setServerTime(response.headers.get('Date'))
}

const heard: Ask = async (path, wish) => {
  const reply = await ask(path, wish)
  if (reply.body !== null) contact() // ours, whatever it says; a hotel's sign-in page is not
  return reply
}

/** The server has been reached, now. */
export function contact(): void {
  lastContact.value = serverNow().getTime()
  localStorage.setItem(CONTACT, String(lastContact.value))
}

/**
 * In one tab at a time, where the browser has locks. Two that send at once do no harm, for the server knows each visit
 * by its id; so a lock that a sleeping tab holds may be taken away.
 */
async function alone(run: () => Promise<Pass>): Promise<Pass> {
  if (!('locks' in navigator)) return run()
  const since = Number(localStorage.getItem(LOCK)) || 0
  const options = Date.now() - since > FROZEN_MS ? { steal: true } : { ifAvailable: true }
  const got = await navigator.locks.request(LOCK, options, async (lock) => {
    if (!lock) return null
    localStorage.setItem(LOCK, String(Date.now()))
    return run()
  })
  return (got as Pass | null) ?? { againIn: 3_000, stopped: null }
}

/** Whether a reload would disturb nobody, in any tab. */
export async function atRest(): Promise<boolean> {
  const owner = person.value?.id
  const settling = items.value.some(
    ({ state, settleUntil }) => state === 'waiting' && settleUntil > Date.now(),
  )
  if (busy || settling) return false // a fix may still follow
  if (!owner) return true
  const written = (await lettersOf(database, owner)).some(({ state }) => state === 'draft')
  return !written && !(await draftOf(database, owner))
}
