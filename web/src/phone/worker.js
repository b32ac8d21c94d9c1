// The shell worker: the files that make the app, kept for when there is no network. What people record is the
// page's, in IndexedDB; a worker may be stopped at any time, and many WebViews have none.
/* global SHELL, VERSION -- vite.config.ts writes both above */
const CACHE = `shell-${VERSION}`

async function keepShell() {
    const cache = await caches.open(CACHE)
    // Names in assets/ carry a hash; the others must not come out of the browser's own cache.
    const asked = (path) => new Request(path, { cache: path.includes('/assets/') ? 'default' : 'reload' })
    await cache.addAll(SHELL.map(asked)) // all or nothing: a half-loaded shell is never used
}

async function dropOthers() {
    const names = await caches.keys()
    await Promise.all(
        names
            .filter((name) => name.startsWith('shell-') && name !== CACHE)
            .map((name) => caches.delete(name)),
    )
    await self.clients.claim()
}

async function fromShell(request) {
    const cache = await caches.open(CACHE)
    const found = await cache.match(request.mode === 'navigate' ? '/m/' : request)
    return found || fetch(request)
}

async function openInbox() {
    const [page] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
    if (!page) return self.clients.openWindow('/m/#/notices')
    page.postMessage('inbox')
    return page.focus()
}

self.addEventListener('install', (event) => event.waitUntil(keepShell()))
self.addEventListener('activate', (event) => event.waitUntil(dropOthers()))
self.addEventListener('message', (event) => {
    if (event.data === 'take over') self.skipWaiting() // the page asks when no form is open and nothing is being sent
})
self.addEventListener('push', (event) => {
    const { title, body, notice_id: tag } = event.data.json()
    event.waitUntil(self.registration.showNotification(title, { body, tag, icon: '/m/icon-192.png' }))
})
self.addEventListener('notificationclick', (event) => {
    event.notification.close()
    event.waitUntil(openInbox())
})
self.addEventListener('fetch', (event) => {
    const { pathname, origin } = new URL(event.request.url)
    if (event.request.method === 'GET' && origin === self.location.origin && pathname.startsWith('/m/')) {
        event.respondWith(fromShell(event.request))
    }
})
