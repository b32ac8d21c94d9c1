// Loading for components. An answer belongs to its question: as soon as another one is asked it is gone, so that
// nothing on the screen belongs to another question than its heading says. The same question asked again keeps its
// answer until the new one is here.
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { Unreachable } from './api/http'
import type { Page } from './api/types'
import { serverNow } from './clock'
import { follow } from './following'
import { locale } from './i18n'

const SLOW_MS = 20_000 // then the server is said not to answer

export interface Loaded<T> {
  data: ShallowRef<T | null>
  error: ShallowRef<unknown>
  loading: Ref<boolean>
  reload: () => Promise<void>
}

interface How {
  /** `by hand` for what shows where people were: every look is on record. False for what does not change. */
  follows?: boolean | 'by hand'
}

/** Runs `load` now and whenever what `key` reads has changed; and by itself, as `following.ts` says. */
export function useLoad<T>(
  key: () => unknown,
  load: (signal: AbortSignal) => Promise<T>,
  { follows = true }: How = {},
): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  const at = ref<number | null>(null)
  let underWay = new AbortController()

  async function answer(mine: AbortController): Promise<T> {
    const slow = setTimeout(() => mine.abort(new Unreachable('slow')), SLOW_MS)
    try {
      return await Promise.race([load(mine.signal), overtaken(mine.signal)])
    } finally {
      clearTimeout(slow)
    }
  }

  async function reload(): Promise<void> {
    underWay.abort()
    const mine = (underWay = new AbortController())
    loading.value = true
    error.value = null
    try {
      const found = await answer(mine)
      if (underWay !== mine) return
      data.value = found
      at.value = serverNow().getTime()
    } catch (caught) {
      if (underWay === mine) error.value = caught
    } finally {
      if (underWay === mine) loading.value = false
    }
  }

  /** Quietly: what is shown changes only if the answer did. */
  async function refresh(): Promise<void> {
    if (loading.value) return
    if (error.value) {
      await reload()
      if (error.value) throw error.value
      return
    }
    const mine = (underWay = new AbortController())
    const before = data.value
    const found = await answer(mine)
    if (underWay !== mine || data.value !== before) return // something else was asked, or done, meanwhile
    if (JSON.stringify(found) !== JSON.stringify(before)) data.value = found
    at.value = serverNow().getTime()
  }

  function ask(): void {
    data.value = null
    at.value = null
    void reload()
  }

  watch(() => JSON.stringify(key()), ask, { immediate: true })
  watch(locale, reload) // the server's sentences come in the reader's language
  if (follows) follow({ at, byItself: follows === true, refresh })
  onScopeDispose(() => {
    const mine = underWay
    underWay = new AbortController()
    mine.abort()
  })
  return { data, error, loading, reload }
}

/** Rejects once the signal is aborted, whether or not whoever was handed it heeds it. */
function overtaken(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

export interface Paged<T> extends Loaded<T[]> {
  next: Ref<string | null>
  /** Appends the next page, or with `all` every page that is left. */
  more: (all?: boolean) => Promise<void>
}

/** A list that is read page by page; read again, it is as long as it was. */
export function usePages<T>(
  key: () => unknown,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  how: How = {},
): Paged<T> {
  const next = ref<string | null>(null)
  let signal: AbortSignal
  let read: { items: T[]; next: string | null } | undefined
  let listed: Loaded<T[]> | undefined // not yet, when it first asks
  const list = (listed = useLoad(
    key,
    async (started) => {
      signal = started
      const shown = listed?.data.value?.length ?? 0
      const items: T[] = []
      let cursor: string | null = null
      do {
        const page: Page<T> = await load(cursor ?? undefined, started)
        items.push(...page.items)
        cursor = page.next_cursor
      } while (cursor && items.length < shown)
      read = { items, next: cursor }
      return items
    },
    how,
  ))
  /** Only an answer that is shown says what comes after it. */
  watch(list.data, (shown) => shown === read?.items && (next.value = read.next), { flush: 'sync' })

  async function more(all = false): Promise<void> {
    const mine = signal
    list.loading.value = true
    try {
      do {
        const page = await load(next.value ?? undefined, mine)
        if (mine.aborted) return
        list.data.value = [...(list.data.value ?? []), ...page.items]
        next.value = page.next_cursor
      } while (all && next.value)
    } catch (caught) {
      if (!mine.aborted) list.error.value = caught
    } finally {
      if (!mine.aborted) list.loading.value = false
    }
  }

  return { ...list, next, more }
}
