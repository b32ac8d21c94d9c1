// The colour of an import's state.
import type { ImportJob } from '../api/imports'

export const TONE: Record<ImportJob['state'], string> = {
  checking: '',
  ready: 'warn',
  failed: 'bad',
  applying: '',
  applied: 'good',
  undone: '',
}
