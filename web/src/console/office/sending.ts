// A change on its way to the server: one at a time, and what was wrong with it.
import { ref, shallowRef } from 'vue'
import { Problem } from '../../shared/api/http'
import { t } from '../../shared/i18n'

/** What is wrong with a field, if that is what is wrong. */
export function problemAt(name: string, error: unknown): string {
  return error instanceof Problem ? (error.field(`/${name}`) ?? '') : ''
}

export function useSending() {
  const busy = ref(false)
  const error = shallowRef<unknown>(null)

  /** Whether it went well. */
  async function run(change: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    error.value = null
    try {
      await change()
    } catch (caught) {
      error.value = caught
    }
    busy.value = false
    return !error.value
  }

  const field = (name: string) => problemAt(name, error.value)

  /** What is wrong: with the field, else altogether. */
  function said(name = ''): string {
    if (!error.value) return ''
    if (!(error.value instanceof Problem)) return t('load.unreachable')
    return (name && field(name)) || error.value.message
  }

  return { busy, error, run, field, said }
}
