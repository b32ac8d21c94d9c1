// The colour of a check-in's standing, the same on the map and in the list.
import type { Standing } from './api/types'

export const STANDING_COLOURS: Record<Standing, string> = {
  counted: '#1f6f66',
  held: '#7b5ea7',
  outside: '#b4501e',
  refused: '#5b646b',
}
