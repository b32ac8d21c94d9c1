// What every part of the page shares once someone is signed in: who they are, the county's directory in
// their scope, and what is selected. Built once per sign-in, found by `useBoard`.
import { computed, inject, ref, shallowReactive, shallowRef, type InjectionKey } from 'vue'
import { getMe, getRules, getUnits, getVillages } from '../api/console'
import type { Ability, CheckIn, Me, Rule, Village } from '../../shared/api/types'
import { dayOf, serverNow, setZone } from '../../shared/clock'
import { addDays, parsePeriod, periodOn, stepPeriod } from '../../shared/periods'
import { go, route } from '../route'
import { UnitTree } from './units'

/** In a period's first days nobody can be behind yet, and late uploads still settle the one before. */
const FRESH_DAYS = 2

export type Board = Awaited<ReturnType<typeof openBoard>>
export const BOARD: InjectionKey<Board> = Symbol('board')

export function useBoard(): Board {
  return inject(BOARD)!
}

export async function openBoard() {
  const [me, rules, units, villages] = await Promise.all([getMe(), getRules(), getUnits(), getVillages()])
  setZone(me.county.timezone)
  return selection(me, shallowReactive(rules), new UnitTree(units), villages)
}

/** Villages as the county has them now; those that are no more stay readable. */
function placesOf(villages: Village[]) {
  return { villages, villageById: new Map(villages.map((village) => [village.id, village])) }
}

function selection(me: Me, rules: Rule[], units: UnitTree, villages: Village[]) {
  const today = ref(dayOf(serverNow()))
  /** Whether a post lets one do this somewhere, as the server says: nothing else is offered. */
  const may = (ability: Ability) => me.may.includes(ability)
  const supervises = may('read')
  const own = rules.find(({ categories }) => categories.includes(me.person.category))
  const rule = computed(
    () => rules.find(({ id }) => id === route.value.rule) ?? (supervises ? rules[0] : (own ?? rules[0])),
  )
  const current = computed(() => periodOn(today.value, rule.value?.period ?? 'week'))
  const home = computed(() =>
    today.value < addDays(current.value.start, FRESH_DAYS) ? stepPeriod(current.value, -1) : current.value,
  )
  const period = computed(() => {
    const asked = parsePeriod(route.value.period)
    return asked && asked.kind === current.value.kind && asked.start <= today.value ? asked : home.value
  })

  /** Another rule may count by another kind of period: keeps to the one where the shown one ended. */
  function chooseRule(id: string): void {
    const kind = rules.find((candidate) => candidate.id === id)?.period ?? 'week'
    const day = period.value.end < today.value ? period.value.end : today.value
    go({ rule: id, period: periodOn(day, kind).id, duty: '', category: '' })
  }

  function choosePeriod(id: string): void {
    go({ period: id === home.value.id ? '' : id, duty: '' })
  }

  return {
    me,
    rules,
    units,
    ...placesOf(villages),
    /** The office has changed units or villages, or the reader the language: what is opened next shows them so. */
    async renew(this: ReturnType<typeof placesOf>): Promise<void> {
      const [named, found, places] = await Promise.all([getRules(), getUnits(), getVillages()])
      rules.splice(0, rules.length, ...named)
      units.renew(found)
      Object.assign(this, placesOf(places))
    },
    /** Midnight may have passed. */
    turn: () => (today.value = dayOf(serverNow())),
    today,
    supervises, // else the page shows oneself
    may,
    rule,
    period,
    current,
    chooseRule,
    choosePeriod,
    /** A person's check-ins to draw, and which of them to look at. */
    points: shallowRef<CheckIn[]>([]),
    focused: ref(''),
    allCheckIns: ref(false), // everybody's are on the map
    /** Held check-ins that await one's decision; null until it is known. */
    waiting: ref<number | null>(null),
  }
}
