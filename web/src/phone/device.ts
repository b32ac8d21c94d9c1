// What the office is told of this phone.
import { deviceId } from '../shared/session'
import { items, VERSION } from './phone'
import { read } from './sending/ask'
import { correction } from './sending/wire'

/** Tells what this phone still holds, so that silence is not taken for neglect. */
export async function tellDevice(): Promise<void> {
  const waiting = items.value.filter(({ state }) => state !== 'stored')
  const oldest = waiting[0]
  const json = {
    platform: 'web',
    model: /\(([^)]*)\)/.exec(navigator.userAgent)?.[1]?.slice(0, 100) ?? null,
    app_version: VERSION,
    waiting: waiting.length,
    oldest_waiting_at: oldest
      ? new Date(oldest.visit.capturedAt + correction(oldest.visit.offset)).toISOString()
      : null,
  }
  await read(`/v1/devices/${deviceId()}`, { method: 'PUT', json })
}
