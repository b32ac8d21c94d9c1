// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from 'vitest'

const KEY = 'yefang.session'
const LEFT = `${KEY}.left`
const OWNER = { id: 'li', county_id: '451029' }
const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>()

/** The page as it is after a reload, with this kept. */
async function page(kept: object | null = { person: OWNER }) {
  if (kept) localStorage.setItem(KEY, JSON.stringify(kept))
  vi.resetModules()
  return await import('./session')
}
const kept = () => JSON.parse(localStorage.getItem(KEY) ?? 'null')
const tokens = (access: string, person: object = OWNER, expires_in = 900) =>
  Response.json({ access_token: access, refresh_token: '', expires_in, person })
const refused = (status: number) =>
  Response.json({ type: 'about:blank', title: 'no', status, detail: '', errors: [] }, { status })
const asked = (number: number) => {
  const [path, init] = fetched.mock.calls[number]!
  return { path, body: String(init.body), page: new Headers(init.headers).get('X-Yefang-Cookie') }
}
const told = () => window.dispatchEvent(Object.assign(new Event('storage'), { key: KEY }))

beforeEach(() => {
  localStorage.clear()
  fetched.mockReset()
  vi.unstubAllGlobals()
  vi.stubGlobal('fetch', fetched)
  vi.stubGlobal('navigator', {}) // no locks: as over plain HTTP
})

it('keeps no token anywhere but in memory, and asks for one after a reload', async () => {
  fetched.mockResolvedValueOnce(tokens('a1'))
  const { signIn, accessToken } = await page(null)
  await signIn('1', 'p', '')
  expect(await accessToken()).toBe('a1')
  expect(fetched).toHaveBeenCalledOnce()
  expect(localStorage.getItem(KEY)).toBe(JSON.stringify({ person: OWNER }))
  fetched.mockResolvedValueOnce(tokens('a2'))
  expect(await (await page()).accessToken()).toBe('a2')
  const { path, body, page: said } = asked(1)
  expect([path, body, said]).toEqual(['/v1/auth/token', 'grant_type=refresh_token', 'console'])
})

it('renews once for all who ask meanwhile', async () => {
  let answer: (reply: Response) => void = () => {}
  fetched.mockReturnValue(new Promise((done) => (answer = done)))
  const { accessToken } = await page()
  const all = [accessToken(), accessToken(), accessToken()]
  await vi.waitFor(() => expect(fetched).toHaveBeenCalled())
  answer(tokens('a2'))
  expect(await Promise.all(all)).toEqual(['a2', 'a2', 'a2'])
  expect(fetched).toHaveBeenCalledOnce()
  expect(await accessToken()).toBe('a2')
})

it('renews shortly before the end, and what the server has rejected', async () => {
  fetched.mockImplementation(async () => tokens(`a${fetched.mock.calls.length}`, OWNER, 900))
  const { accessToken } = await page()
  expect([await accessToken(), await accessToken()]).toEqual(['a1', 'a1'])
  expect(await accessToken('a1')).toBe('a2')
  fetched.mockImplementation(async () => tokens('short', OWNER, 30))
  await accessToken('a2')
  await accessToken()
  expect(fetched).toHaveBeenCalledTimes(4)
})

it('hands in what a version before kept here, and keeps it until the server has it', async () => {
  const { accessToken } = await page({ access: 'a0', refresh: 'r0', expiresAt: 0, person: OWNER })
  fetched.mockRejectedValueOnce(new TypeError('failed to fetch'))
  await expect(accessToken()).rejects.toThrow('failed to fetch')
  expect(kept().refresh).toBe('r0')
  fetched.mockResolvedValueOnce(tokens('a1'))
  expect(await accessToken()).toBe('a1')
  expect(asked(1).body).toBe('grant_type=refresh_token&refresh_token=r0')
  expect(kept()).toEqual({ person: OWNER })
})

it('is over when the server says so, and only then', async () => {
  const { accessToken, sessionState } = await page()
  fetched.mockResolvedValueOnce(refused(503))
  await expect(accessToken()).rejects.toThrow('no')
  fetched.mockRejectedValueOnce(new TypeError('failed to fetch'))
  await expect(accessToken()).rejects.toThrow('failed to fetch')
  expect([sessionState.value, kept()]).toEqual(['in', { person: OWNER }])
  fetched.mockResolvedValueOnce(refused(401))
  await expect(accessToken()).rejects.toThrow('no')
  expect([sessionState.value, kept()]).toEqual(['ended', null])
})

it('follows what another tab does, and speaks for nobody else', async () => {
  const reload = vi.fn()
  vi.stubGlobal('location', { reload })
  const { accessToken, sessionState, signedInAs } = await page(null)
  expect(sessionState.value).toBe('out')
  localStorage.setItem(KEY, JSON.stringify({ person: OWNER }))
  told()
  expect([sessionState.value, signedInAs()]).toEqual(['in', OWNER])
  const other = { ...OWNER, id: 'wang' }
  fetched.mockResolvedValueOnce(tokens('of wang', other)) // by the cookie of whoever has signed in since
  await expect(accessToken()).rejects.toThrow('signed out')
  expect(reload).toHaveBeenCalledOnce()
  expect([kept(), signedInAs()]).toEqual([{ person: other }, OWNER])
  localStorage.removeItem(KEY)
  told()
  expect(sessionState.value).toBe('out')
})

it('signs out here at once, and tells the server when it can', async () => {
  fetched.mockRejectedValueOnce(new TypeError('failed to fetch'))
  const { sessionState, signOut } = await page()
  await signOut()
  expect([sessionState.value, kept(), localStorage.getItem(LEFT)]).toEqual(['out', null, '1'])
  fetched.mockResolvedValueOnce(new Response(null, { status: 204 }))
  window.dispatchEvent(new Event('online'))
  await vi.waitFor(() => expect(localStorage.getItem(LEFT)).toBeNull())
  expect(asked(1).path).toBe('/v1/auth/forget')
})
