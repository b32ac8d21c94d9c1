// The shell worker, where the browser has one. A new version takes over when no form is open and nothing is sent.
import { ref } from 'vue'
import { atRest } from './phone'

const SHOWN_MS = 3_000 // so long at least somebody sees what was just said, such as "saved"

export const offlineReady = ref<boolean | null>(null) // null: not known yet; false: this browser cannot

export function keepShell(): void {
  if (!('serviceWorker' in navigator)) {
    offlineReady.value = false
    return
  }
  const { serviceWorker } = navigator
  void serviceWorker.ready.then(() => (offlineReady.value = true))
  if (serviceWorker.controller) serviceWorker.addEventListener('controllerchange', renew)
  serviceWorker.addEventListener('message', ({ data }) => {
    if (data === 'inbox') location.hash = '#/notices'
  })
  serviceWorker.register('/m/sw.js', { scope: '/m/', updateViaCache: 'none' }).then(
    (registration) => window.setInterval(() => void takeOver(registration), 5_000),
    () => (offlineReady.value = false),
  )
}

async function takeOver({ waiting }: ServiceWorkerRegistration): Promise<void> {
  if (!waiting || !(await atRest())) return
  navigator.serviceWorker.addEventListener('controllerchange', renew)
  waiting.postMessage('take over')
}

/** In every tab: the pages that the older app would still fetch are gone with its shell. */
function renew(): void {
  setTimeout(() => void atRest().then((rests) => (rests ? location.reload() : renew())), SHOWN_MS)
}
