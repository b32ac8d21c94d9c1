// A search as one types: asks once the typing pauses, and shows nothing before anything was typed.
import { ref, watch } from 'vue'
import { useLoad } from '../../shared/load'

const PAUSE_MS = 200

export function useSearch<T>(find: (words: string, signal: AbortSignal) => Promise<T[]>) {
  const typed = ref('')
  const asked = ref('')
  let timer = 0
  watch(typed, (text) => {
    clearTimeout(timer)
    timer = window.setTimeout(() => (asked.value = text.trim()), text ? PAUSE_MS : 0)
  })
  const { data: found } = useLoad(
    () => asked.value,
    async (signal) => (asked.value ? find(asked.value, signal) : []),
    { follows: false },
  )
  return { typed, asked, found }
}
