// The console's endpoints for notices: what people were told, and how the county tells them.
import type { Locale } from '../i18n'
import { authorized, county, get, send } from './console'
import type { Query } from './http'
import type { Iso, Page, PersonRef } from './types'

export const DELIVERY_STATUSES = ['dead', 'waiting', 'sent', 'failed', 'needless'] as const // what asks for action first
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** One notice by one channel, to one phone where the channel reaches phones. */
export interface Delivery {
  id: string
  channel: string
  device: { id: string; model: string | null } | null
  status: DeliveryStatus
  status_text: string
  attempts: number
  reason_text: string | null
  due_at: Iso
  created_at: Iso
  changed_at: Iso
}
export interface Notice {
  id: string
  kind: string
  title: string
  body: string
  created_at: Iso
}
export interface ToldNotice extends Notice {
  read_at: Iso | null
  deliveries: Delivery[] // none: in the inbox only
}
export interface DeliveryOfPerson extends Delivery {
  notice: Notice
  person: PersonRef
}

/** The flags of a summary by one rule: of each unit the new ones, those that went up, and all that wait. */
export interface SummaryFlags {
  rule: { id: string; name: string; name_en: string }
  raised: number
  climbed: number
  waiting: number
  units: { id: string; name: string; raised: number; climbed: number; waiting: number }[]
}
export interface Summary {
  flags: SummaryFlags[]
  waiting: { flags: number; check_ins: number; leave: number; appeals: number }
}
export interface OwnNotice extends Notice {
  read_at: Iso | null
  about: Partial<Summary>
}
export const getInbox = (query: Query, signal: AbortSignal) =>
  get<Page<OwnNotice>>('/v1/me/notices', query, signal)
export const markRead = (id: string) => authorized<void>(`/v1/me/notices/${id}/read`, { method: 'POST' })

/** How one is told; null: at the county's usual hour. Times are minutes after midnight. */
export interface Preference {
  language: Locale
  channels: string[] | null
  addresses: Record<string, string>
  summary_at: number | null
}
export const getPreference = (signal: AbortSignal) =>
  get<Preference & { usual_summary_at: number }>('/v1/me/notice-settings', {}, signal)
export const putPreference = ({ language, channels, addresses, summary_at }: Preference) =>
  authorized<Preference>('/v1/me/notice-settings', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ language, channels, addresses, summary_at }),
  })

export const getTold = (person: string, query: Query, signal: AbortSignal) =>
  get<Page<ToldNotice>>(county(`/people/${person}/notices`), query, signal)
export const getDeliveries = (query: Query, signal: AbortSignal) =>
  get<Page<DeliveryOfPerson>>(county('/deliveries'), query, signal)

export type ChannelTotals = Record<DeliveryStatus, number> & { channel: string }
export const getTotals = (signal: AbortSignal) =>
  get<{ days: number; items: ChannelTotals[] }>(county('/deliveries/summary'), {}, signal)
export const resend = (id: string) => send<DeliveryOfPerson>('POST', `/deliveries/${id}/resend`)
export const resendAll = (channel: string) =>
  send<{ resent: number }>('POST', '/deliveries/resend', { channel })

/** What the office may set of a channel. */
export interface ChannelTerms {
  position: number
  enabled: boolean
  for_group: boolean
  per_minute: number | null
}
export interface Channel extends ChannelTerms {
  name: string
  kind: 'fcm' | 'webpush' | 'apprise'
  set_up: boolean // on this installation
  address: string | null // only what kind of URL it has
  needs_address: boolean
  paused_until: Iso | null
  paused_reason_text: string | null
}
export const getChannels = (signal: AbortSignal) =>
  get<{ items: Channel[] }>(county('/notice-channels'), {}, signal)
/** Without a URL it keeps the one it has. */
export const putChannel = (name: string, terms: ChannelTerms & { url: string | null }) =>
  send<Channel>('PUT', `/notice-channels/${name}`, terms)
export const testChannel = (name: string) => send<{ sent: boolean }>('POST', `/notice-channels/${name}/test`)
export const resumeChannel = (name: string) => send<Channel>('POST', `/notice-channels/${name}/resume`)

export interface Words {
  title: string
  body: string
}
export interface Template {
  kind: string
  placeholders: string[]
  texts: Record<Locale, { house: Words; own: Words | null }>
}
export const getTemplates = (signal: AbortSignal) =>
  get<{ items: Template[] }>(county('/notice-templates'), {}, signal)
export const putWords = (kind: string, language: Locale, words: Words) =>
  send<Template>('PUT', `/notice-templates/${kind}/${language}`, words)
export const resetWords = (kind: string, language: Locale) =>
  send<Template>('DELETE', `/notice-templates/${kind}/${language}`)
export const previewWords = (kind: string, language: Locale, words: Words) =>
  send<Words & { lock_screen: Words }>('POST', '/notice-templates/preview', { kind, language, ...words })

export const LAST_WORKING_DAY = 'last_working_day'
/** Times are minutes after midnight; Monday is 1. */
export interface NoticeSettings {
  quiet_from: number
  quiet_until: number
  reminders: (number | typeof LAST_WORKING_DAY)[] // shares of a period
  remind_at: number
  digest_day: number
  digest_at: number
  summary_at: number // of whoever has not chosen another hour
  notices_per_day: number // the summary included, what is urgent not
}
export const getSettings = (signal: AbortSignal) =>
  get<NoticeSettings>(county('/notice-settings'), {}, signal)
export const putSettings = (settings: NoticeSettings) =>
  send<NoticeSettings>('PUT', '/notice-settings', settings)
