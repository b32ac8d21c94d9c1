// The visit that is being filled in: kept on the phone with every change, for the camera may kill the page.
import { reactive, ref, toRaw, watch } from 'vue'
import type { Draft } from '../store/database'
import { draftOf, dropDraft, keepDraft } from '../store/items'
import { store } from '../phone'

export const emptyDraft = (owner: string): Draft => ({
  owner,
  purpose: 'household_visit',
  householdId: null,
  villageId: null,
  note: '',
  photoIds: [],
  form: null,
})

/** The owner's draft, as it was left; each change of it is written, one after the other. */
export async function useDraft(owner: string) {
  const found = await draftOf(store(), owner)
  const draft = reactive(found ?? emptyDraft(owner))
  const failed = ref(false) // storage is full or refused
  let writing: Promise<unknown> = Promise.resolve()
  let closed = false

  const write = () =>
    (writing = writing
      .then(() =>
        closed ? undefined : keepDraft(store(), JSON.parse(JSON.stringify(toRaw(draft))) as Draft),
      )
      .then(
        () => (failed.value = false),
        () => (failed.value = true),
      ))
  watch(draft, write, { deep: true, flush: 'sync' })

  return {
    draft,
    failed,
    resumed: found !== undefined,
    /** Until all of it is on the disk. */
    written: () => writing,
    /** Nothing is written after this. */
    close: async () => {
      closed = true
      await writing
    },
    /** It was not saved after all. */
    reopen: () => {
      closed = false
      void write()
    },
    drop: async () => {
      closed = true
      await writing
      await dropDraft(store(), owner)
    },
  }
}
