// What I was told, as far as this phone knows.
import { computed, shallowRef, watch } from 'vue'
import type { Page } from '../../shared/api/types'
import type { Schemas } from '../../shared/api/wire'
import { readKept } from '../kept'
import { letters, person } from '../phone'

export type Notice = Schemas['NoticeOut']
export const INBOX = '/v1/me/notices?limit=50'

export const inbox = shallowRef<Notice[]>([])
watch(
  () => person.value?.id,
  () => (inbox.value = []), // whoever takes the phone next has their own
)

/** Read here, and perhaps not yet told to the server. */
const readHere = computed(
  () => new Set(letters.value.filter(({ kind }) => kind === 'read').map(({ about }) => about)),
)
export const isUnread = ({ id, read_at: at }: Notice) => !at && !readHere.value.has(id)
export const unread = computed(() => inbox.value.filter(isUnread).length)

export async function loadInbox(): Promise<void> {
  inbox.value = (await readKept<Page<Notice>>(INBOX))?.body.items ?? []
}

/** The page that a notice is about, if there is one here. */
export function pageOf({ kind, about }: Notice): string | null {
  if (typeof about.check_in_id === 'string' && kind.startsWith('check_in'))
    return `#/visit/${about.check_in_id}`
  if (['leave_approved', 'leave_refused', 'leave_revoked'].includes(kind)) return '#/leave'
  if (['appeal_upheld', 'appeal_overturned'].includes(kind)) return '#/appeals'
  return /^(duty|flag)_/.test(kind) ? '#/duties' : null
}
