// What is on a map of shapes, and its colours, for the map and its legend.
import type { ImportShape } from '../api/imports'

/** With a `row` it can be chosen. */
export type Shape = Pick<ImportShape, 'kind' | 'row' | 'geometry'>

export const KIND_COLOURS: Record<ImportShape['kind'], string> = {
  county: '#14283a',
  present: '#7d8a92',
  same: '#4d6a5f',
  new: '#1f6fb2',
  changed: '#2e8b80',
  mended: '#7b5ea7',
  refused: '#b3261e',
  overlap: '#d9480f',
  gap: '#c2185b',
  away: '#b07d00',
}
