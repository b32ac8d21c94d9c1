// What the server said, kept for when there is no network: the last known, with its time.
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Page } from '../shared/api/types'
import { serverNow } from '../shared/clock'
import { contact, lastContact, person, store } from './phone'
import { read } from './sending/ask'
import { keyOf } from './store/answers'

export interface Kept<T> {
  at: number // ms, by the server's clock where it is known
  body: T
  fresh: boolean
}
type Read<T> = (path: string) => Promise<T>

const ownKey = (path: string) => keyOf(person.value?.id ?? '', path)

async function lastKnown<T>(path: string): Promise<Kept<T> | null> {
  const kept = await store().get('answers', ownKey(path))
  return kept ? { at: kept.at, body: kept.body as T, fresh: false } : null
}

async function fresh<T>(path: string, ask: Read<T>): Promise<Kept<T>> {
  const key = ownKey(path)
  const body = await ask(path)
  contact()
  const at = serverNow().getTime()
  await store()
    .put('answers', { at, body }, key)
    .catch(() => undefined) // a full phone shows it all the same
  return { at, body, fresh: true }
}

/** The server's answer, or the last one when there is no network. */
export const readKept = <T>(path: string): Promise<Kept<T> | null> =>
  fresh<T>(path, read).catch(() => lastKnown<T>(path))

/** For a page: the last known at once, then the server's answer; anew when the path changes, or on `load`. */
export function useKept<T>(path: () => string, ask: Read<T> = read) {
  const kept = shallowRef<Kept<T> | null>(null)
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  let turn = 0
  onScopeDispose(() => (turn += 1))

  async function load(): Promise<void> {
    const mine = (turn += 1)
    const asked = path()
    loading.value = true
    error.value = null
    const known = await lastKnown<T>(asked)
    if (mine === turn && !kept.value) kept.value = known
    try {
      const found = await fresh<T>(asked, ask)
      if (mine === turn) kept.value = found
    } catch (caught) {
      if (mine === turn) error.value = caught
    }
    if (mine === turn) loading.value = false
  }
  watch(lastContact, () => void (error.value && !loading.value && load())) // the network is back
  watch(
    path,
    () => {
      kept.value = null
      void load()
    },
    { immediate: true },
  )
  return { kept, error, loading, load }
}
export type Loading<T> = ReturnType<typeof useKept<T>>

/** What is older than a list's first page, read when it is asked for; it is not kept. */
export function useEarlier<T>(list: Loading<Page<T>>, path: string) {
  const earlier = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const failed = ref(false)
  watch(list.kept, (kept) => {
    earlier.value = []
    next.value = kept?.body.next_cursor ?? null
  })
  async function more(): Promise<void> {
    failed.value = false
    try {
      const page: Page<T> = await read<Page<T>>(`${path}&cursor=${encodeURIComponent(next.value ?? '')}`)
      earlier.value = [...earlier.value, ...page.items]
      next.value = page.next_cursor
    } catch {
      failed.value = true
    }
  }
  return { earlier, next, more, failed }
}

export type Older<T> = ReturnType<typeof useEarlier<T>>

/** All pages of a list. */
export async function readAll<T>(path: string): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const at = cursor ? `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : ''
    const page: Page<T> = await read<Page<T>>(path + at)
    items.push(...page.items)
    cursor = page.next_cursor ?? null
  }
  return items
}
