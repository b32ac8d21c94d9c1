// What is on the screen follows: it is read again once a minute while the tab is seen and nobody is typing, less
// often while the server does not answer; and it says when it was read.
import { computed, onScopeDispose, ref, shallowReactive, type Ref } from 'vue'

const EVERY_MS = 60_000
const MOST_MS = 600_000
const HELD_MS = 5_000 // so soon is it looked again whether nobody types any more

export interface Reading {
  at: Readonly<Ref<number | null>> // by the server's clock, in ms; null before the first answer
  byItself: boolean // else only when told to: it shows where people were, and every look is on record
  refresh: () => Promise<void>
}

const shown = shallowReactive(new Set<Reading>())

/** For as long as the component that calls this is there. */
export function follow(reading: Reading): void {
  shown.add(reading)
  onScopeDispose(() => shown.delete(reading))
}

/** When the oldest thing on the screen was read. */
export const readAt = computed(() => {
  const times = [...shown].flatMap(({ at }) => at.value ?? [])
  return times.length ? Math.min(...times) : null
})

/** Whether the last time the server did not answer. */
export const failing = ref(false)
export const busy = ref(false)

async function read(what: Reading[]): Promise<void> {
  busy.value = true
  const done = await Promise.allSettled(what.map(({ refresh }) => refresh()))
  failing.value = done.some(({ status }) => status === 'rejected')
  busy.value = false
}

/** Everything, now. */
export const refreshAll = () => read([...shown])

const typedIn = new WeakSet<Element>()
const FIELDS = 'form textarea, form select, form input:not([type=search])'

/** Somebody is at a field, has words in one that were not sent, or looks at what lies over the page. */
export function heldBack(): boolean {
  if (document.querySelector('dialog[open], [aria-modal=true]')) return true
  const fields = [...document.querySelectorAll<HTMLInputElement>(FIELDS)]
  return fields.some((field) => field === document.activeElement || (typedIn.has(field) && !!field.value))
}

/** Reads what follows, again and again, after `before`; until what it answers is called. */
export function startFollowing(before: () => void): () => void {
  let wait = EVERY_MS
  let timer = 0
  let last = Date.now()

  async function round(): Promise<void> {
    clearTimeout(timer)
    if (document.hidden || heldBack()) return again(HELD_MS)
    last = Date.now()
    before()
    await read([...shown].filter(({ byItself }) => byItself))
    wait = failing.value ? Math.min(2 * wait, MOST_MS) : EVERY_MS
    again(wait * (0.9 + Math.random() / 5)) // many screens do not ask at once
  }
  function again(ms: number): void {
    clearTimeout(timer)
    timer = window.setTimeout(round, ms)
  }
  const seen = () => !document.hidden && Date.now() - last > wait && void round()
  const typed = ({ target }: Event) => typedIn.add(target as Element)
  const sent = ({ target }: Event): void =>
    (target as Element).querySelectorAll('textarea, select, input').forEach((field) => typedIn.delete(field))

  document.addEventListener('visibilitychange', seen)
  document.addEventListener('input', typed)
  document.addEventListener('submit', sent)
  again(EVERY_MS)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
    document.removeEventListener('input', typed)
    document.removeEventListener('submit', sent)
  }
}
