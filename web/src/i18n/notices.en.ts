// The words of the pages about notices, with the keys of notices.zh.ts.
import type { noticesZh } from './notices.zh'

export const noticesEn: Record<keyof typeof noticesZh, string> = {
  'office.notices': 'Notices',

  'notices.told': 'What they were told',
  'notices.told.none': 'They have been told nothing.',
  'notices.told.inbox': 'In the app’s inbox only: no channel reaches them',
  'notices.told.read': 'read {when}',
  'notices.told.unread': 'not read',
  'notices.due': 'to go out {when}',
  'notices.attempts': 'tried {n} times',
  'notices.channel.fcm': 'App push (Firebase)',
  'notices.channel.webpush': 'Browser push',
}
