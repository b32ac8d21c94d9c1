// What channels are called: the two that come with the installation by our words, the county's by its own.
import { t } from '../i18n'

export function channelName(name: string): string {
  return name === 'fcm' || name === 'webpush' ? t(`notices.channel.${name}`) : name
}
