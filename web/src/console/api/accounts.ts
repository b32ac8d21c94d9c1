// Accounts: one's own password and sessions; and the office's codes and slips for others.
import { get, send } from './console'
import type { Schemas } from '../../shared/api/wire'

export type Session = Schemas['SessionOut']
export type Slips = Schemas['SlipList']
export type Activation = Schemas['ActivationMade']

export const getSessions = (signal: AbortSignal) => get('/v1/me/sessions', { signal })
export const getSignIns = (signal: AbortSignal) => get('/v1/me/sign-ins', { signal })
export const getSignInsOf = (person_id: string, signal: AbortSignal) =>
  get('/v1/counties/{county_id}/people/{person_id}/sign-ins', { in: { person_id }, signal })
export const endSession = (session_id: string) =>
  send('delete', '/v1/me/sessions/{session_id}', { in: { session_id } })
export const changePassword = (body: Schemas['PasswordIn']) => send('post', '/v1/auth/password', { body })

export type SecondFactor = Schemas['SecondFactorMade']
export const getSecondFactor = (signal: AbortSignal) => get('/v1/me/second-factor', { signal })
export const makeSecondFactor = (password: string) =>
  send('post', '/v1/me/second-factor', { body: { password } })
export const confirmSecondFactor = (code: string) =>
  send('post', '/v1/me/second-factor/confirm', { body: { code } })
export const removeSecondFactor = (code: string) =>
  send('post', '/v1/me/second-factor/remove', { body: { code } })

export const issueActivation = (person_id: string) =>
  send('post', '/v1/counties/{county_id}/people/{person_id}/activation', { in: { person_id } })
export const endSessionsOf = (person_id: string) =>
  send('delete', '/v1/counties/{county_id}/people/{person_id}/sessions', { in: { person_id } })
export const makeSlips = (unit: string) =>
  send('post', '/v1/counties/{county_id}/activations', {
    body: { unit, page: `${location.origin}${location.pathname}` },
  })
