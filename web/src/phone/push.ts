// Web Push, where the browser and the county have it. What a push says is always in the inbox too.
import type { Schemas } from '../shared/api/wire'
import { deviceId } from '../shared/session'
import { read } from './sending/ask'

export const canPush = () =>
  'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

const device = <T>(push: object | null, timeoutMs = 30_000) =>
  read<T>(`/v1/devices/${deviceId()}`, { method: 'PUT', json: { push }, timeoutMs })

const subscription = async () =>
  canPush() && (await navigator.serviceWorker.getRegistration('/m/'))?.pushManager.getSubscription()

export const pushes = async (): Promise<boolean> => !!(await subscription())

/** Asks the person and the browser, then tells the server; why nothing arrives yet, where that is so. */
export async function startPush(): Promise<string> {
  const { webpush_public_key: key } = await read<Schemas['NoticePreferenceOut']>('/v1/me/notice-settings')
  const registration = await navigator.serviceWorker.ready
  const options = { userVisibleOnly: true, applicationServerKey: key }
  const made = await registration.pushManager.subscribe(options)
  const { push_problem: problem } = await device<Schemas['DeviceOut']>({
    channel: 'webpush',
    subscription: made.toJSON(),
  })
  return problem?.detail ?? ''
}

/** The server is told where it can be; else the push service says so when it next sends. */
export async function endPush(): Promise<void> {
  const made = await subscription()
  if (!made) return
  await made.unsubscribe()
  await device(null, 5_000) // who signs out does not wait for a bad network
}
