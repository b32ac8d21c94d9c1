// The colours of the map: one scale for polygons, legend and bars. Brown to teal (after ColorBrewer's BrBG)
// stays readable with the common kinds of colour blindness and in print.
import type { Tally } from '../../shared/api/types'
import { countOf } from '../../shared/duties'

export interface RateClass {
  from: number
  colour: string
  label: string
}

/** From worst to best; `from` is inclusive. */
export const RATE_CLASSES: readonly RateClass[] = [
  { from: 0, colour: '#a65a1f', label: '< 60%' },
  { from: 0.6, colour: '#dba35f', label: '60–74%' },
  { from: 0.75, colour: '#f0dfb6', label: '75–89%' },
  { from: 0.9, colour: '#a3d2c7', label: '90–99%' },
  { from: 1, colour: '#2e8b80', label: '100%' },
]
export const NOBODY_COLOUR = '#dde1e3'

/** Index into RATE_CLASSES; null where nobody owes anything. */
export function rateClass(rate: number | null): number | null {
  if (rate === null) return null
  let index = 0
  RATE_CLASSES.forEach(({ from }, i) => {
    if (rate >= from) index = i
  })
  return index
}

export interface LegendCounts {
  classes: number[]
  nobody: number
  open: number
  awaiting: number
}

/** How many villages fall in each class; villages that the rows leave out owe nothing. */
export function countClasses(rows: Tally[], villages: number): LegendCounts {
  const classes = RATE_CLASSES.map(() => 0)
  let coloured = 0
  for (const { rate } of rows) {
    const index = rateClass(rate)
    if (index === null) continue
    classes[index]! += 1
    coloured += 1
  }
  return {
    classes,
    nobody: villages - coloured,
    open: rows.filter((row) => countOf(row, 'open') > 0).length,
    awaiting: rows.filter((row) => row.awaiting_review > 0).length,
  }
}
