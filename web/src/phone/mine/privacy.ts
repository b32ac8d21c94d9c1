// The county's privacy notice, and what I have said to it.
import type { Schemas } from '../../shared/api/wire'
import { read } from '../sending/ask'

export type Privacy = Schemas['PrivacyOut']
const PATH = '/v1/me/privacy'

export const readPrivacy = () => read<Privacy>(PATH)
export const answerPrivacy = (version: number, agreed: boolean) =>
  read<Privacy>(PATH, { method: 'POST', json: { version, agreed } })
