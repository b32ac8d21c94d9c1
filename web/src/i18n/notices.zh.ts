// 通知各页的文字。notices.en.ts 必须有同样的键。
export const noticesZh = {
  'office.notices': '通知',

  'notices.told': '告知记录',
  'notices.told.none': '没有给本人发过通知。',
  'notices.told.inbox': '只在应用收件箱中，没有能送达的渠道',
  'notices.told.read': '本人 {when} 已读',
  'notices.told.unread': '本人未读',
  'notices.due': '将于 {when} 发送',
  'notices.attempts': '试过 {n} 次',
  'notices.channel.fcm': '应用推送（Firebase）',
  'notices.channel.webpush': '浏览器推送',
} as const
