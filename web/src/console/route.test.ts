// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { go, resetRoute, route } from './route'

const arrive = async (hash: string) => {
  location.hash = hash
  window.dispatchEvent(new Event('hashchange'))
}

it('reads what an address says, and takes what it does not know for nothing', async () => {
  await arrive('#/2026-W47?unit=u1&tab=flags&office=rules&person=p1')
  expect(route.value).toMatchObject({
    period: '2026-W47',
    unit: 'u1',
    tab: 'flags',
    office: 'rules',
    person: 'p1',
  })
  await arrive('#/?tab=nonsense&office=nonsense&password=x')
  expect(route.value).toMatchObject({ period: '', tab: 'behind', office: '' })
  expect(route.value).not.toHaveProperty('password')
})

it('writes only what is not as usual, so that a link can be read', async () => {
  await arrive('#/')
  go({ period: '2026-W47', tab: 'behind', village: '451029100201' })
  expect(location.hash).toBe('#/2026-W47?village=451029100201')
})

it('forgets everything for the next to sign in', async () => {
  await arrive('#/2026-W47?person=p1')
  resetRoute()
  expect(route.value).toMatchObject({ period: '', person: '' })
  expect(location.hash).not.toContain('p1')
})
