// The office writes villages, townships, households and assignments by hand: what that would do is asked for first.
import { get, send } from './console'
import type { Changed } from './roster'
import type { Schemas } from '../../shared/api/wire'

const VILLAGE = '/v1/counties/{county_id}/villages/{village_id}'
const HOUSEHOLD = '/v1/counties/{county_id}/households/{household_id}'
const ASSIGNMENT = '/v1/counties/{county_id}/assignments/{assignment_id}'

export type VillageIn = Schemas['VillageIn']
export type NewVillageIn = Schemas['NewVillageIn']
export type HouseholdIn = Schemas['HouseholdIn']
export type AssignmentIn = Schemas['AssignmentIn']
export type VillageRecoded = Schemas['VillageRecoded']
export type LaterCode = Schemas['LaterCode']

export const getTownships = (signal: AbortSignal) => get('/v1/counties/{county_id}/townships', { signal })
export const saveTownship = (township_id: string, name: string, preview: boolean): Promise<Changed> =>
  send('put', '/v1/counties/{county_id}/townships/{township_id}', {
    in: { township_id },
    body: { name },
    query: { preview },
  })

export const addVillage = (body: NewVillageIn, preview: boolean): Promise<Changed> =>
  send('post', '/v1/counties/{county_id}/villages', { body, query: { preview } })
export const saveVillage = (village_id: string, body: VillageIn, preview: boolean): Promise<Changed> =>
  send('put', VILLAGE, { in: { village_id }, body, query: { preview } })
export const recodeVillage = (village_id: string, body: VillageRecoded) =>
  send('put', `${VILLAGE}/code`, { in: { village_id }, body })

export const getHouseholds = (village_id: string, signal: AbortSignal) =>
  get(`${VILLAGE}/households`, { in: { village_id }, signal })
export const getHousehold = (household_id: string, signal: AbortSignal) =>
  get(HOUSEHOLD, { in: { household_id }, signal })
/** `household_id` is empty for a new one. */
export const saveHousehold = (household_id: string, body: HouseholdIn, preview: boolean): Promise<Changed> =>
  household_id
    ? send('put', HOUSEHOLD, { in: { household_id }, body, query: { preview } })
    : send('post', '/v1/counties/{county_id}/households', { body, query: { preview } })

export const getAssignments = (village_id: string, signal: AbortSignal) =>
  get(`${VILLAGE}/assignments`, { in: { village_id }, signal })
export const addAssignment = (body: AssignmentIn, preview: boolean): Promise<Changed> =>
  send('post', '/v1/counties/{county_id}/assignments', { body, query: { preview } })
export const setAssignment = (
  assignment_id: string,
  body: Schemas['AssignmentDays'],
  preview: boolean,
): Promise<Changed> => send('put', ASSIGNMENT, { in: { assignment_id }, body, query: { preview } })
export const handOver = (
  assignment_id: string,
  body: Schemas['HandOver'],
  preview: boolean,
): Promise<Changed> =>
  send('post', `${ASSIGNMENT}/hand-over`, { in: { assignment_id }, body, query: { preview } })

export type PostIn = Schemas['PostIn']
/** `post_id` is empty for a new one. */
export const savePost = (post_id: string, body: PostIn, preview: boolean): Promise<Changed> =>
  post_id
    ? send('put', '/v1/counties/{county_id}/posts/{post_id}', { in: { post_id }, body, query: { preview } })
    : send('post', '/v1/counties/{county_id}/posts', { body, query: { preview } })
