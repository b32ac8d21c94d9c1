// What to say where the phone would not store something.
import { t } from '../../shared/i18n'
import { storageFull } from '../phone'

/** The browser's word for it; an aborted transaction says it inside. */
export const isFull = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'QuotaExceededError'

export function refusal(error: unknown): string {
  if (!isFull(error)) return t('phone.save.failed')
  storageFull.value = true
  return t('phone.save.full')
}
