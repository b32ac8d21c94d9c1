// A phone's queue in small: keeps visits and tokens in a file, and sends until the server has answered for each.
//
//   node phone_queue.ts URL FILE sign-in PHONE PASSWORD
//   node phone_queue.ts URL FILE keep < visits.json     a visit without its id, or a list of them
//   node phone_queue.ts URL FILE send                   one run; again_in_s says when the next one is due
//
// Node 22.18 or newer, no packages. In a browser put IndexedDB in the place of the file; all else stays.
// sync.md says why each step is as it is.

import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'

type CheckIn = { id: string; [member: string]: unknown }
type Kept = { person: string | null; check_in: CheckIn; problem?: unknown }
type Tokens = { access_token: string; refresh_token: string; person: { id: string } }
type Result = { status: string; problem?: unknown }
type State = {
  device_id: string
  tokens: Tokens | null
  person: string | null // who is or was signed in
  waiting: Kept[]
  to_mend: Kept[]
  failures: number // in a row
}

const DONE = ['recorded', 'duplicate']
const TO_MEND = ['invalid', 'conflict'] // any other status, also one that is not known: send it again
const BATCH = 100
const LEAST_WAIT_S = 5
const MOST_WAIT_S = 300

/** Nothing is known of what was sent: send it again, unchanged. `seconds`: the server wants so long a wait. */
class Later extends Error {
  seconds: number
  constructor(seconds = 0) {
    super()
    this.seconds = seconds
  }
}

/** Ask for the password again; what waits stays. */
class SignedOut extends Error {}

/** Its `state` is on disk before anything is said or sent. */
class Phone {
  url: string
  file: string
  state: State

  constructor(url: string, file: string) {
    this.url = url.replace(/\/$/, '')
    this.file = file
    this.state = existsSync(file)
      ? JSON.parse(readFileSync(file, 'utf8'))
      : { device_id: `sample-${randomUUID()}`, tokens: null, person: null, waiting: [], to_mend: [], failures: 0 }
  }

  /** Written, forced to disk, and only then in the place of the old one. */
  store() {
    const out = openSync(`${this.file}.new`, 'w')
    writeSync(out, JSON.stringify(this.state))
    fsyncSync(out)
    closeSync(out)
    renameSync(`${this.file}.new`, this.file)
  }

  async signIn(username: string, password: string) {
    this.store()
    await this.token({ grant_type: 'password', username, password, device_id: this.state.device_id })
  }

  keep(visits: object | object[]) {
    for (const visit of [visits].flat()) {
      this.state.waiting.push({ person: this.state.person, check_in: { id: randomUUID(), ...visit } })
    }
    this.store()
  }

  /** Oldest first. Throws `Later` or `SignedOut` with everything that was not answered for still waiting. */
  async send() {
    let left = this.state.waiting.filter((kept) => kept.person === this.state.person)
    let size = BATCH
    while (left.length) {
      const batch = left.slice(0, size)
      const body = { check_ins: batch.map((kept) => kept.check_in), waiting: left.length - batch.length }
      const answer = await this.signedIn('/v1/check-ins/batch', body)
      if (!answer && batch.length > 1) {
        size = Math.floor(batch.length / 2) // too large
        continue
      }
      const results = answer?.results ?? [{ status: 'invalid' }]
      batch.forEach((kept, index) => this.answered(kept, results[index]))
      this.state.failures = 0
      this.store()
      left = left.slice(batch.length)
    }
  }

  answered(kept: Kept, result: Result) {
    if (DONE.concat(TO_MEND).includes(result.status)) {
      this.state.waiting.splice(this.state.waiting.indexOf(kept), 1)
    }
    if (TO_MEND.includes(result.status)) this.state.to_mend.push({ ...kept, problem: result.problem })
  }

  /** After a run that failed: what the server wants, else longer each time, and not all phones at once. */
  againInS(least: number): number {
    this.state.failures += 1
    this.store()
    const wait = Math.min(LEAST_WAIT_S * 2 ** (this.state.failures - 1), MOST_WAIT_S)
    return Math.max(least, wait) * (1 + Math.random() / 2)
  }

  /** With a refresh at the first 401. Null: the body was too large. */
  async signedIn(path: string, body: object): Promise<{ results: Result[] } | null> {
    for (const last of [false, true]) {
      if (!this.state.tokens) throw new SignedOut()
      const headers = {
        Authorization: `Bearer ${this.state.tokens.access_token}`,
        'Content-Type': 'application/json',
      }
      const [status, answer] = await this.post(path, JSON.stringify(body), headers)
      if (status === 200) return answer
      if (status === 413) return null
      if (status !== 401) throw new Later()
      if (last) throw new SignedOut()
      await this.token({ grant_type: 'refresh_token', refresh_token: this.state.tokens.refresh_token })
    }
    return null
  }

  /** A reply that is lost throws `Later`: the same refresh token is sent again, and is still good. */
  async token(form: Record<string, string>) {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const [status, answer] = await this.post('/v1/auth/token', new URLSearchParams(form).toString(), headers)
    if (status === 401) {
      this.state.tokens = null
      this.store()
      throw new SignedOut()
    }
    if (status !== 200) throw new Later()
    this.state.tokens = answer
    this.state.person = answer.person.id
    this.store()
  }

  /** Status and JSON. Throws `Later` where there is no answer, and where the answer says so. */
  async post(path: string, body: string, headers: Record<string, string>): Promise<[number, any]> {
    let reply: Response
    let text: string
    try {
      reply = await fetch(this.url + path, { method: 'POST', body, headers, signal: AbortSignal.timeout(60_000) })
      text = await reply.text()
    } catch {
      throw new Later()
    }
    const passes = reply.status === 408 || reply.status === 429 || reply.status >= 500
    if (passes) throw new Later(Number(reply.headers.get('Retry-After')) || 0)
    if (!reply.ok) return [reply.status, null]
    try {
      return [reply.status, JSON.parse(text)]
    } catch {
      throw new Later() // somebody between the phone and the server has answered
    }
  }
}

const [url, file, command, ...words] = process.argv.slice(2)
const phone = new Phone(url, file)
const said: Record<string, unknown> = {}
try {
  if (command === 'sign-in') await phone.signIn(words[0], words[1])
  if (command === 'keep') phone.keep(JSON.parse(readFileSync(0, 'utf8')))
  if (command === 'send') await phone.send()
} catch (why) {
  if (why instanceof Later) said.again_in_s = Math.round(phone.againInS(why.seconds) * 10) / 10
  else if (why instanceof SignedOut) said.signed_out = true
  else throw why
}
console.log(JSON.stringify({ waiting: phone.state.waiting.length, to_mend: phone.state.to_mend.length, ...said }))
