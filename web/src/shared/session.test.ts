// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from 'vitest'

const KEY = 'yefang.session'
const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>()

/** The page as it is after a reload, with these tokens kept. */
async function page(tokens: object | null = {}) {
  if (tokens) keep(tokens)
  vi.resetModules()
  return await import('./session')
}
const keep = (tokens: object) =>
  localStorage.setItem(
    KEY,
    JSON.stringify({ access: 'a1', refresh: 'r1', expiresAt: 0, person: { county_id: '451029' }, ...tokens }),
  )
const kept = () => JSON.parse(localStorage.getItem(KEY) ?? 'null')
const later = () => Date.now() + 3_600_000
const renewed = () =>
  Response.json({
    access_token: 'a2',
    refresh_token: 'r2',
    expires_in: 900,
    person: { county_id: '451029' },
  })
const refused = (status: number) =>
  Response.json({ type: 'about:blank', title: 'no', status, detail: '', errors: [] }, { status })

beforeEach(() => {
  localStorage.clear()
  fetched.mockReset()
  vi.unstubAllGlobals()
  vi.stubGlobal('fetch', fetched)
  vi.stubGlobal('navigator', {}) // no locks: as over plain HTTP
})

it('uses a token until shortly before it ends', async () => {
  const { accessToken } = await page({ expiresAt: later() })
  expect(await accessToken()).toBe('a1')
  expect(fetched).not.toHaveBeenCalled()
})

it('renews once for all who ask meanwhile, and keeps what it got', async () => {
  let answer: (reply: Response) => void = () => {}
  fetched.mockReturnValue(new Promise((done) => (answer = done)))
  const { accessToken } = await page()
  const asked = [accessToken(), accessToken(), accessToken()]
  answer(renewed())
  expect(await Promise.all(asked)).toEqual(['a2', 'a2', 'a2'])
  expect(fetched).toHaveBeenCalledOnce()
  expect(String(fetched.mock.calls[0]![1].body)).toBe('grant_type=refresh_token&refresh_token=r1')
  expect(kept()).toMatchObject({ access: 'a2', refresh: 'r2' })
  expect(await accessToken()).toBe('a2')
})

it('renews what the server has rejected, however long it would last', async () => {
  fetched.mockResolvedValue(renewed())
  const { accessToken } = await page({ expiresAt: later() })
  expect(await accessToken('a1')).toBe('a2')
})

/** Locks of a browser, where this page comes to run after something has been done in another tab. */
const locks = (before: () => void) => ({
  request: vi.fn(async (_name: string, run: () => Promise<unknown>) => {
    before()
    return run()
  }),
})

it('takes what another tab has renewed while this one waited for it', async () => {
  const theirs = locks(() => keep({ access: 'theirs', refresh: 'r2', expiresAt: later() }))
  vi.stubGlobal('navigator', { locks: theirs })
  const { accessToken } = await page()
  expect(await accessToken()).toBe('theirs')
  expect(theirs.request).toHaveBeenCalledWith(KEY, expect.any(Function))
  expect(fetched).not.toHaveBeenCalled()
})

it('is over when the server says so, and only then', async () => {
  const { accessToken, sessionState } = await page()
  fetched.mockResolvedValueOnce(refused(503))
  await expect(accessToken()).rejects.toThrow('no')
  fetched.mockRejectedValueOnce(new TypeError('failed to fetch'))
  await expect(accessToken()).rejects.toThrow('failed to fetch')
  expect([sessionState.value, kept().refresh]).toEqual(['in', 'r1'])
  fetched.mockResolvedValueOnce(refused(401))
  await expect(accessToken()).rejects.toThrow('no')
  expect([sessionState.value, kept()]).toEqual(['ended', null])
})

it('follows what another tab does', async () => {
  const { sessionState } = await page(null)
  const told = (newValue: string | null) =>
    window.dispatchEvent(Object.assign(new Event('storage'), { key: KEY, newValue }))
  expect(sessionState.value).toBe('out')
  told('{}')
  expect(sessionState.value).toBe('in')
  told(null)
  expect(sessionState.value).toBe('out')
})

it('signs out here whether or not the server hears of it', async () => {
  fetched.mockRejectedValue(new TypeError('failed to fetch'))
  const { sessionState, signOut } = await page({ expiresAt: later() })
  await signOut()
  expect([sessionState.value, kept()]).toEqual(['out', null])
  expect(new Headers(fetched.mock.calls[0]![1].headers).get('Authorization')).toBe('Bearer a1')
})
