// My villages and households, kept for the place where there is no network.
import type { MultiPolygon, Polygon } from 'geojson'
import { shallowRef } from 'vue'
import type { Schemas } from '../../shared/api/wire'
import { metresTo, metresToFence } from '../../shared/fences'
import { readKept } from '../kept'
import type { Fix } from '../store/database'

type Village = Schemas['VillageFeature']
export type Household = Schemas['HouseholdOut']

export const villages = shallowRef<Village[]>([])
export const households = shallowRef<Household[]>([])

export async function keepArea(): Promise<void> {
  const [fences, homes] = await Promise.all([
    readKept<Schemas['VillageCollection']>('/v1/me/villages'),
    readKept<Schemas['HouseholdList']>('/v1/me/households'),
  ])
  villages.value = fences?.body.features ?? []
  households.value = homes?.body.items ?? []
}

/** The village of mine nearest to the fix, those assigned before others; metres are negative inside. */
export function nearestVillage(fix: Fix): { village: Village; metres: number } | null {
  const mine = villages.value.filter(({ properties }) => properties.assigned)
  const near = (mine.length ? mine : villages.value)
    .filter(({ geometry }) => geometry)
    .map((village) => ({ village, metres: metresToFence(fix, areaOf(village)) }))
  return near.sort((a, b) => a.metres - b.metres)[0] ?? null
}

/** The fence of a village that has one. */
export function areaOf({ geometry }: Village): MultiPolygon {
  const area = geometry as unknown as Polygon | MultiPolygon
  return area.type === 'MultiPolygon' ? area : { type: 'MultiPolygon', coordinates: [area.coordinates] }
}

export const metresHome = (fix: Fix | null, { position }: Household) =>
  fix && position ? metresTo(fix, position) : null

/** The nearest first where the fix is known, mine before others. */
export function byNearness(fix: Fix | null): Household[] {
  const far = (home: Household) => metresHome(fix, home) ?? Infinity
  return [...households.value].sort(
    (a, b) => Number(b.assigned) - Number(a.assigned) || (far(a) === far(b) ? 0 : far(a) - far(b)),
  )
}
