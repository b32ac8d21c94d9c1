// All that the server holds of me, as far as it tells me, in one piece.
import { serverNow } from '../../shared/clock'
import { readAll } from '../kept'
import { read } from '../sending/ask'

const LISTS = {
  check_ins: '/v1/me/check-ins?limit=200',
  notices: '/v1/me/notices?limit=200',
  appeals: '/v1/me/appeals?limit=200',
  leave: '/v1/me/leave',
  sessions: '/v1/me/sessions',
  client_keys: '/v1/me/client-keys',
  quarantine: '/v1/me/quarantine?limit=200',
  seen_by: '/v1/me/seen-by?limit=200',
}

/** One request after the other, for a phone's network; raises what the first that fails raises. */
export async function collect(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = { collected_at: serverNow().toISOString(), me: await read('/v1/me') }
  for (const [name, path] of Object.entries(LISTS)) found[name] = await readAll(path)
  return found
}
