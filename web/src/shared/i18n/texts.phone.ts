// All that the phone app says: nothing of the console, which would make it a third heavier.
import { en as sharedEn } from './en'
import { phoneEn } from './phone.en'
import { phoneZh } from './phone.zh'
import { zh as sharedZh } from './zh'

const zh = { ...sharedZh, ...phoneZh }
const en: Record<keyof typeof zh, string> = { ...sharedEn, ...phoneEn }

export const texts = { 'zh-CN': zh, en }
