// Loading for components: cancels what was overtaken, keeps the old answer on screen until the new one is
// here, and gives the error to show.
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { Page } from './api/types'

export interface Loaded<T> {
  data: ShallowRef<T | null>
  error: ShallowRef<unknown>
  loading: Ref<boolean>
  reload: () => Promise<void>
}

/** Runs `load` now and whenever what `key` reads has changed. */
export function useLoad<T>(key: () => unknown, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  let underWay = new AbortController()

  async function reload(): Promise<void> {
    underWay.abort()
    const mine = (underWay = new AbortController())
    loading.value = true
    error.value = null
    try {
      const answer = await load(mine.signal)
      if (!mine.signal.aborted) data.value = answer
    } catch (caught) {
      if (!mine.signal.aborted) error.value = caught
    } finally {
      if (!mine.signal.aborted) loading.value = false
    }
  }

  watch(() => JSON.stringify(key()), reload, { immediate: true })
  onScopeDispose(() => underWay.abort())
  return { data, error, loading, reload }
}

export interface Paged<T> extends Loaded<T[]> {
  next: Ref<string | null>
  /** Appends the next page, or with `all` every page that is left. */
  more: (all?: boolean) => Promise<void>
}

/** A list that is read page by page. */
export function usePages<T>(
  key: () => unknown,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
): Paged<T> {
  const next = ref<string | null>(null)
  let signal: AbortSignal
  const list = useLoad(key, async (started) => {
    signal = started
    const page = await load(undefined, started)
    next.value = page.next_cursor
    return page.items
  })

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
