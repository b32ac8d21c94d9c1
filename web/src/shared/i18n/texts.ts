// All that the console says. The phone app is built with `texts.phone.ts` in its place (vite.config.ts).
import { accountsEn } from './accounts.en'
import { accountsZh } from './accounts.zh'
import { importsEn } from './imports.en'
import { importsZh } from './imports.zh'
import { noticesEn } from './notices.en'
import { noticesZh } from './notices.zh'
import { officeEn } from './office.en'
import { officeZh } from './office.zh'
import { placesEn } from './places.en'
import { placesZh } from './places.zh'
import { reviewsEn } from './reviews.en'
import { reviewsZh } from './reviews.zh'
import { sheetEn } from './sheet.en'
import { sheetZh } from './sheet.zh'
import { en as sharedEn } from './en'
import type { phoneZh } from './phone.zh'
import { zh as sharedZh } from './zh'

const zh = {
  ...sharedZh,
  ...accountsZh,
  ...importsZh,
  ...noticesZh,
  ...officeZh,
  ...placesZh,
  ...reviewsZh,
  ...sheetZh,
}
const en: Record<keyof typeof zh, string> = {
  ...sharedEn,
  ...accountsEn,
  ...importsEn,
  ...noticesEn,
  ...officeEn,
  ...placesEn,
  ...reviewsEn,
  ...sheetEn,
}

export type MessageKey = keyof typeof zh | keyof typeof phoneZh
export const texts = { 'zh-CN': zh, en } as Record<'zh-CN' | 'en', Record<MessageKey, string>>
