// The colours of the map: one scale for polygons and legend. While a period runs they say how people stand, once it is
// closed the rate. Brown to teal (after ColorBrewer's BrBG) stays readable with the common kinds of colour blindness and
// in print.
import type { Compliance, Tally } from '../../shared/api/types'
import { countOf, isClosed } from '../../shared/duties'
import type { MessageKey } from '../../shared/i18n'

const RATES = ['rate_0', 'rate_60', 'rate_75', 'rate_90', 'rate_100'] as const
const STANDS = ['at_risk', 'to_do', 'awaiting', 'done'] as const
export type Shade = (typeof RATES)[number] | (typeof STANDS)[number] | 'nobody'

export const COLOURS: Record<Shade, string> = {
  rate_0: '#a65a1f',
  rate_60: '#dba35f',
  rate_75: '#f0dfb6',
  rate_90: '#a3d2c7',
  rate_100: '#2e8b80',
  at_risk: '#dba35f',
  to_do: '#f0e6cd',
  awaiting: '#cdc1de',
  done: '#2e8b80',
  nobody: '#dde1e3',
}
export const UNKNOWN_COLOUR = '#f7f8f7' // what has not been read yet
/** Of a rate, from worst to best; inclusive. */
const FROM = [0, 0.6, 0.75, 0.9, 1]

export const LABELS: Record<Shade, MessageKey> = {
  rate_0: 'map.scale.rate_0',
  rate_60: 'map.scale.rate_60',
  rate_75: 'map.scale.rate_75',
  rate_90: 'map.scale.rate_90',
  rate_100: 'map.scale.rate_100',
  at_risk: 'map.scale.at_risk',
  to_do: 'map.scale.to_do',
  awaiting: 'map.scale.awaiting',
  done: 'map.scale.done',
  nobody: 'map.scale.none',
}

function byRate(rate: number | null): Shade {
  return rate === null ? 'nobody' : RATES[FROM.filter((from) => rate >= from).length - 1]!
}

function byStanding(row: Tally): Shade {
  if (row.people === row.excused) return 'nobody'
  if (row.at_risk) return 'at_risk'
  if (countOf(row, 'open')) return 'to_do'
  if (row.awaiting_review) return 'awaiting'
  return row.missed ? byRate(row.rate) : 'done'
}

export const shadeOf = (row: Tally, closed: boolean): Shade => (closed ? byRate(row.rate) : byStanding(row))

/** The shades of a period, and how many villages have each; those that have no row owe nothing. */
export function shadesOf({ period, items }: Compliance, villages: number): { shade: Shade; count: number }[] {
  const closed = isClosed(period)
  const found = items.map((row) => shadeOf(row, closed))
  const count = (shade: Shade) => found.filter((each) => each === shade).length
  const nobody = villages - found.filter((each) => each !== 'nobody').length
  return [
    ...(closed ? RATES : STANDS).map((shade) => ({ shade, count: count(shade) })),
    { shade: 'nobody', count: nobody },
  ]
}
