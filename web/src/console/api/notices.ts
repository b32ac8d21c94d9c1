// The console's endpoints for notices: what people were told, and how the county tells them.
import type { Locale } from '../../shared/i18n'
import { get, send } from './console'
import type { QueryOf, Schemas } from '../../shared/api/wire'

/** One notice by one channel, to one phone where the channel reaches phones. */
export type Delivery = Schemas['DeliveryOut']
export type DeliveryStatus = Delivery['status']
export type ToldNotice = Schemas['ToldNotice']
export type DeliveryOfPerson = Schemas['DeliveryOfPerson']
export type OwnNotice = Schemas['NoticeOut']
export type Summary = Schemas['DailySummary']

const INBOX = '/v1/me/notices'
export const getInbox = (query: QueryOf<typeof INBOX>, signal: AbortSignal) => get(INBOX, { query, signal })
export const markRead = (notice_id: string) =>
  send('post', '/v1/me/notices/{notice_id}/read', { in: { notice_id } })

export type Preference = Schemas['NoticePreferenceIn']
export const getPreference = (signal: AbortSignal) => get('/v1/me/notice-settings', { signal })
export const putPreference = (body: Preference) => send('put', '/v1/me/notice-settings', { body })

const TOLD = '/v1/counties/{county_id}/people/{person_id}/notices'
export const getTold = (person_id: string, query: QueryOf<typeof TOLD>, signal: AbortSignal) =>
  get(TOLD, { in: { person_id }, query, signal })
const DELIVERIES = '/v1/counties/{county_id}/deliveries'
export const getDeliveries = (query: QueryOf<typeof DELIVERIES>, signal: AbortSignal) =>
  get(DELIVERIES, { query, signal })

export type ChannelTotals = Schemas['ChannelSummary']
export const getTotals = (signal: AbortSignal) =>
  get('/v1/counties/{county_id}/deliveries/summary', { signal })
export const resend = (delivery_id: string) =>
  send('post', '/v1/counties/{county_id}/deliveries/{delivery_id}/resend', { in: { delivery_id } })
export const resendAll = (channel: string) =>
  send('post', '/v1/counties/{county_id}/deliveries/resend', { body: { channel } })

/** What the office may set of a channel; without a URL it keeps the one it has. */
export type ChannelTerms = Schemas['ChannelIn']
export type Channel = Schemas['ChannelOut']
const CHANNEL = '/v1/counties/{county_id}/notice-channels/{name}'
export const getChannels = (signal: AbortSignal) =>
  get('/v1/counties/{county_id}/notice-channels', { signal })
export const putChannel = (name: string, body: ChannelTerms) => send('put', CHANNEL, { in: { name }, body })
export const testChannel = (name: string) => send('post', `${CHANNEL}/test`, { in: { name } })
export const resumeChannel = (name: string) => send('post', `${CHANNEL}/resume`, { in: { name } })

export type Words = Schemas['WordsIn']
export type Template = Schemas['TemplateOut']
const WORDS = '/v1/counties/{county_id}/notice-templates/{kind}/{language}'
export const getTemplates = (signal: AbortSignal) =>
  get('/v1/counties/{county_id}/notice-templates', { signal })
export const putWords = (kind: string, language: Locale, body: Words) =>
  send('put', WORDS, { in: { kind, language }, body })
export const resetWords = (kind: string, language: Locale) =>
  send('delete', WORDS, { in: { kind, language } })
export const previewWords = (kind: string, language: Locale, words: Words) =>
  send('post', '/v1/counties/{county_id}/notice-templates/preview', { body: { kind, language, ...words } })

export const LAST_WORKING_DAY = 'last_working_day'
/** Times are minutes after midnight; Monday is 1. */
export type NoticeSettings = Required<Schemas['NoticeSettingsIn']>
export const getSettings = (signal: AbortSignal) =>
  get('/v1/counties/{county_id}/notice-settings', { signal }) as Promise<NoticeSettings>
export const putSettings = (body: NoticeSettings) =>
  send('put', '/v1/counties/{county_id}/notice-settings', { body })
