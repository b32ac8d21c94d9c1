import type { Visit } from '../store/database'

export const PURPOSES: Visit['purpose'][] = [
  'household_visit',
  'night_visit',
  'village_duty',
  'activity',
  'inspection',
]
