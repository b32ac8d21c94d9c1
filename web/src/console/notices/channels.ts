// Channels by name, and which deliveries are listed: in the address as `dead` or `dead.sms`.
import type { DeliveryStatus } from '../api/notices'
import { t } from '../../shared/i18n'
import { codes, knownIn } from '../../shared/i18n/words'

/** The two that come with the installation go by our words, the county's own by the name it gave. */
export function channelName(name: string): string {
  return name === 'fcm' || name === 'webpush' ? t(`notices.channel.${name}`) : name
}

interface Filter {
  status: DeliveryStatus | 'all'
  channel: string
}

/** What did not arrive, unless something else was asked for. */
export function filterOf(text: string): Filter {
  const [asked = '', channel = ''] = text.split('.')
  const status = knownIn(codes.delivery_status, asked) ?? (asked === 'all' ? 'all' : 'dead')
  return { status, channel }
}

export const showing = ({ status, channel }: { status: string; channel: string }) =>
  channel ? `${status}.${channel}` : status
