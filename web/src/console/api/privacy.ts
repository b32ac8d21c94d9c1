// The console's endpoints for personal data: the notice, copies, anonymity of who has left.
import type { Schemas } from '../../shared/api/wire'
import { filled, get, send } from './console'
import { keepFile } from './files'

export type Privacy = Schemas['PrivacyOut']
export const readPrivacy = (signal: AbortSignal) => get('/v1/me/privacy', { signal })
export const answerPrivacy = (version: number, agreed: boolean) =>
  send('post', '/v1/me/privacy', { body: { version, agreed } })

const NOTICE = '/v1/counties/{county_id}/privacy-notice'
export const getNotice = (signal: AbortSignal) => get(NOTICE, { signal })
export const publishNotice = (text: string, text_en: string) =>
  send('post', NOTICE, { body: { text, text_en } })

export const keepCopy = (person_id: string) =>
  keepFile(filled('/v1/counties/{county_id}/people/{person_id}/data.zip', { person_id }), `${person_id}.zip`)

export type FormerPerson = Schemas['FormerPerson']
export const getFormer = (q: string, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/former-people', { query: { q }, signal })
export type Anonymised = Schemas['AnonymiseDone']
export const anonymise = (person_id: string, reason: string, preview: boolean) =>
  send('post', '/v1/counties/{county_id}/people/{person_id}/anonymisation', {
    in: { person_id },
    query: { preview },
    body: { reason },
  })
