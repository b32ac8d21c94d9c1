// What the page shows, in the address: #/2026-W47?rule=…&tab=…&unit=…&village=…&person=…
// Every field is a word or an id; nothing about a person is spelt out.
import { computed, nextTick, readonly, ref, watch } from 'vue'
import { SECTIONS, type Section } from './sections'

const PATIENCE_MS = 3000

export const TABS = ['behind', 'units', 'flags'] as const
export type Tab = (typeof TABS)[number]

export interface Route {
  period: string // '' is the one the page opens on
  rule: string // '' is the county's first
  tab: Tab
  unit: string
  category: string
  status: string // '' is missed and open
  village: string
  person: string
  duty: string
  flag: string // the status of the flags listed; '' is open
  flag_rule: string // flags of duties by this rule only
  mine: string // '1': only flags put before the reader
  level: string // flags on this step of the county's ladder only
  office: '' | Section // '' is the board
  who: string // flags, appeals and reviews of this person only
  item: string // of the office's section: an id, or `new`
  filter: string // of the office's section: the status listed
  from: string // of the office's section: the days listed, both included
  to: string
  group: string // the breakdown, by what; '' is by unit
  sort: string // its order, such as `rate` or `-people`; '' is the worst first
  order: string // of the list of people; '' is the server's
}

const HOME: Route = {
  period: '',
  rule: '',
  tab: 'behind',
  unit: '',
  category: '',
  status: '',
  village: '',
  person: '',
  duty: '',
  flag: '',
  flag_rule: '',
  level: '',
  mine: '',
  who: '',
  office: '',
  item: '',
  filter: '',
  from: '',
  to: '',
  group: '',
  sort: '',
  order: '',
}

function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?')
  const fields = new URLSearchParams(search)
  const route = { ...HOME, period: path }
  for (const name of [
    'rule',
    'unit',
    'category',
    'status',
    'village',
    'person',
    'duty',
    'flag',
    'flag_rule',
    'level',
    'mine',
    'who',
    'item',
    'filter',
    'from',
    'to',
    'group',
    'sort',
    'order',
  ] as const) {
    route[name] = fields.get(name) ?? ''
  }
  route.tab = TABS.find((tab) => tab === fields.get('tab')) ?? HOME.tab
  route.office = SECTIONS.find((section) => section === fields.get('office')) ?? HOME.office
  return route
}

function formatRoute({ period, ...fields }: Route): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    if (value && value !== HOME[name as keyof Route]) search.set(name, value)
  }
  const text = search.toString()
  return `#/${period}${text ? `?${text}` : ''}`
}

const current = ref(parseRoute(location.hash))
window.addEventListener('hashchange', () => (current.value = parseRoute(location.hash)))

export const route = readonly(current)

/** What is looked at, whatever its filters: where the reader had scrolled to is remembered for each. */
const placeOf = ({ period, tab, unit, village, person, office, item }: Route) =>
  [period, tab, unit, village, person, office, item].join(' ')
export const place = computed(() => placeOf(current.value))
const tops = new Map<string, number>()

/** Shows something else, from its top, as a step that the back button undoes. */
export function go(change: Partial<Route>): void {
  const next = { ...current.value, ...change }
  if (placeOf(next) !== place.value) tops.delete(placeOf(next))
  if (formatRoute(next) !== formatRoute(current.value)) location.hash = formatRoute(next)
}

/** The way back leads to where the reader was in what scrolls, once that is long enough again. */
export function keepPlace(scroller: () => HTMLElement | null | undefined): void {
  watch(place, async (now, before) => {
    tops.set(before, scroller()?.scrollTop ?? 0)
    const top = tops.get(now) ?? 0
    for (const end = Date.now() + PATIENCE_MS; now === place.value && Date.now() < end;) {
      await nextTick()
      scroller()?.scrollTo(0, top)
      if (Math.abs((scroller()?.scrollTop ?? top) - top) < 2) return
      await new Promise((drawn) => requestAnimationFrame(drawn))
    }
  })
}

/** The fields that lead from the office to the board. */
export const TO_BOARD = { office: '', who: '', item: '', filter: '', from: '', to: '' } as const

/** Goes home without a step back, so that the next to sign in starts afresh. */
export function resetRoute(): void {
  history.replaceState(null, '', formatRoute(HOME))
  current.value = HOME
}
