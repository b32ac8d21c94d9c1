// The position, read only while a page that needs it is open.
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Fix, NoFix } from '../store/database'

const OLD_MS = 60_000 // a fix from before is another place
export const COARSE_M = 1_000 // Android's approximate location is about 1.6 km
export const GOOD_M = 50

export function useLocating(take: (fix: Fix) => void = () => undefined) {
  const fix = shallowRef<Fix | null>(null)
  const problem = ref<NoFix | 'insecure' | null>(null)
  if (!window.isSecureContext || !('geolocation' in navigator)) {
    problem.value = window.isSecureContext ? 'unavailable' : 'insecure'
    return { fix, problem }
  }
  const opened = Date.now()
  const watching = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      if (timestamp < opened - OLD_MS) return
      problem.value = null
      fix.value = {
        lon: coords.longitude,
        lat: coords.latitude,
        accuracy: coords.accuracy,
        altitude: coords.altitude,
        speed: coords.speed,
        at: timestamp,
      }
      take(fix.value)
    },
    ({ code }) => {
      if (!fix.value) problem.value = code === 1 ? 'denied' : code === 2 ? 'unavailable' : 'timeout'
    },
    { enableHighAccuracy: true, maximumAge: 0, timeout: 60_000 },
  )
  onScopeDispose(() => navigator.geolocation.clearWatch(watching))
  return { fix, problem }
}
