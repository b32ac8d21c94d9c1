// 领导夜访考: the form of a night visit, all of it not looked at.
import type { Form } from '../store/database'

export const ITEMS = [
  'income',
  'housing',
  'medical',
  'education',
  'water',
  'road',
  'electricity',
  'tv',
  'above_line',
] as const

export function emptyForm(): Form {
  const items = {} as Form['items']
  for (const name of ITEMS) items[name] = { state: 'not_checked', note: '' }
  return {
    kind: 'night_visit',
    version: 1,
    items,
    card: { state: 'not_checked', note: '' },
    booklet: { state: 'not_checked', note: '' },
    consistent: { state: 'not_checked', note: '' },
    recognition: { asked: 0, recognised: 0 },
    satisfaction: { asked: 0, satisfied: 0 },
  }
}
