// The page's language: zh-CN unless the reader chose English, remembered on the device.
import { ref, watchEffect } from 'vue'
import { texts, type MessageKey } from './texts'

export type { MessageKey }
export type Locale = 'zh-CN' | 'en'

const KEY = 'yefang.locale'

export const locale = ref<Locale>(localStorage.getItem(KEY) === 'en' ? 'en' : 'zh-CN')

watchEffect(() => {
  document.documentElement.lang = locale.value
  document.title = t('app.title')
})

export function switchLocale(): void {
  locale.value = locale.value === 'en' ? 'zh-CN' : 'en'
  localStorage.setItem(KEY, locale.value)
}

export const isKey = (key: string): key is MessageKey => key in texts['zh-CN']

/** The text of a key, its `{name}` places filled in. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return texts[locale.value][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}
