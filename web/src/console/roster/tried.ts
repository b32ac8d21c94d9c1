// A change says what it would do before it is saved: what was tried is saved, and nothing else.
import { ref, shallowRef, watch, type WatchSource } from 'vue'
import type { Effect } from '../api/roster'
import { useSending } from '../office/sending'

export type Tried = ReturnType<typeof useTried>

/** `send` previews or saves what `draft` holds now; `done` is told the id of what was saved, if it has one. */
export function useTried(
  draft: object | WatchSource | (object | WatchSource)[],
  send: (preview: boolean) => Promise<Effect>,
  done: (id: string) => unknown,
) {
  const effect = shallowRef<Effect | null>(null)
  const saved = ref(false)
  const sending = useSending()
  watch(draft, () => (effect.value = null))

  const look = () =>
    sending.run(async () => {
      saved.value = false
      effect.value = await send(true)
    })
  const save = () =>
    sending.run(async () => {
      const { id = '' } = await send(false)
      effect.value = null
      saved.value = true
      await done(id)
    })
  return { effect, saved, sending, look, save }
}
