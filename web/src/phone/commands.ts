// The app without its pages, as `yefang conformance --client` calls a phone (mobile_api_spec/conformance.md): for
// tests/e2e/phone/test_conformance.py, and no part of what phones get. A page is opened for each command, and closed.
import { sessionState, signIn } from '../shared/session'
import { items, lastPass, leave, person, start } from './phone'
import { openDatabase, type Visit, type Wire } from './store/database'
import { keepPhoto, save } from './store/items'

type Given = Wire & { photos?: string[] } // without an id; photos in base64

const bytes = (text: string) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer

const visitOf = ({ captured_at, position, purpose, note }: Given): Visit => ({
  capturedAt: Date.parse(captured_at),
  offset: null,
  fix: position && {
    lon: position.lon,
    lat: position.lat,
    accuracy: position.accuracy_m!,
    altitude: null,
    speed: null,
    at: Date.parse(position.fixed_at!),
  },
  noFix: null,
  purpose,
  householdId: null,
  villageId: null,
  note: note!,
  photoIds: [],
  form: null,
})

/** Until the app has tried once: it would try again by itself. */
async function passed(): Promise<object> {
  while (!lastPass.value && sessionState.value === 'in') await new Promise((done) => setTimeout(done, 5))
  const wait = lastPass.value?.againIn
  const to_mend = items.value.filter(({ state }) => state === 'mend').length
  return { to_mend, ...(wait && { again_in_s: wait / 1000 }) }
}

const commands = {
  async 'sign-in'(phone: string, password: string) {
    await start()
    if (sessionState.value === 'in') await leave()
    lastPass.value = null
    await signIn(phone, password, '')
    return passed()
  },
  async keep(visits: Given[]) {
    const [database, owner] = [await openDatabase(), person.value!.id]
    for (const given of visits) {
      const photoIds: string[] = []
      for (const photo of given.photos ?? []) photoIds.push(await keepPhoto(database, owner, bytes(photo)))
      await save(database, owner, { ...visitOf(given), photoIds })
    }
    return {}
  },
  async send() {
    await start()
    return passed()
  },
}
Object.assign(window, { commands })
