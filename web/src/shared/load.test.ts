// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { useLoad, usePages } from './load'
import { failing, heldBack, readAt, refreshAll } from './following'

const settled = () => new Promise((done) => setTimeout(done))

it('never shows the answer to a question that was overtaken', async () => {
  const week = ref('2026-W46')
  const waiting = new Map<string, (answer: string) => void>()
  const scope = effectScope()
  const list = scope.run(() =>
    useLoad(
      () => week.value,
      () => new Promise<string>((answer) => waiting.set(week.value, answer)),
    ),
  )!
  waiting.get('2026-W46')!('the old week')
  await settled()
  expect(list.data.value).toBe('the old week')
  week.value = '2026-W47'
  await nextTick()
  expect(list.data.value).toBe(null) // at once, however long the answer takes
  week.value = '2026-W48'
  await nextTick()
  waiting.get('2026-W48')!('the newest week')
  await settled()
  waiting.get('2026-W47')!('a week that was passed over')
  await settled()
  expect(list.data.value).toBe('the newest week')
  expect(list.loading.value).toBe(false)
  scope.stop()
})

it('keeps the answer to the same question beside the error, until it is tried again', async () => {
  const answers = ['first', new Error('no network'), 'second']
  const load = async () => {
    const answer = answers.shift()!
    if (answer instanceof Error) throw answer
    return answer as string
  }
  const scope = effectScope()
  const list = scope.run(() => useLoad(() => 1, load))!
  await settled()
  await list.reload()
  expect([list.data.value, (list.error.value as Error).message]).toEqual(['first', 'no network'])
  await list.reload()
  expect([list.data.value, list.error.value]).toEqual(['second', null])
  scope.stop()
})

it('says that the server does not answer, if it does not', async () => {
  vi.useFakeTimers()
  const scope = effectScope()
  const list = scope.run(() =>
    useLoad(
      () => 1,
      () => new Promise(() => {}),
    ),
  )!
  await vi.advanceTimersByTimeAsync(20_000)
  expect(list.error.value).toBeInstanceOf(Error)
  expect(list.loading.value).toBe(false)
  scope.stop()
  vi.useRealTimers()
})

const PAGES: Record<string, { items: number[]; next_cursor: string | null }> = {
  '': { items: [1, 2], next_cursor: 'b' },
  b: { items: [3], next_cursor: 'c' },
  c: { items: [4], next_cursor: null },
}

it('reads every page that is left, in order, and is as long when it is read again', async () => {
  const scope = effectScope()
  const list = scope.run(() =>
    usePages(
      () => 1,
      async (cursor) => structuredClone(PAGES[cursor ?? '']!),
    ),
  )!
  await settled()
  expect([list.data.value, list.next.value]).toEqual([[1, 2], 'b'])
  await list.more()
  const shown = list.data.value
  await refreshAll()
  expect(list.data.value).toBe(shown) // nothing has changed: nothing is drawn anew
  PAGES['b'] = { items: [5], next_cursor: 'c' }
  await refreshAll()
  expect([list.data.value, list.next.value]).toEqual([[1, 2, 5], 'c'])
  await list.more(true)
  expect([list.data.value, list.next.value]).toEqual([[1, 2, 5, 4], null])
  scope.stop()
})

it('leaves alone what was done while it was read again', async () => {
  const answers: ((found: string[]) => void)[] = []
  const scope = effectScope()
  const list = scope.run(() =>
    useLoad(
      () => 1,
      () => new Promise<string[]>((done) => answers.push(done)),
    ),
  )!
  answers.shift()!(['open'])
  await settled()
  const again = refreshAll()
  list.data.value = ['decided']
  answers.shift()!(['open'])
  await again
  expect(list.data.value).toEqual(['decided'])
  scope.stop()
})

it('says when the oldest thing shown was read, and when the server did not answer', async () => {
  let up = true
  const load = async () => {
    if (!up) throw new Error('no network')
    return 'here'
  }
  const scope = effectScope()
  scope.run(() => useLoad(() => 1, load))
  await settled()
  const first = readAt.value!
  expect(Math.abs(first - Date.now())).toBeLessThan(5000)
  up = false
  await refreshAll()
  expect([failing.value, readAt.value]).toEqual([true, first])
  up = true
  await refreshAll()
  expect(failing.value).toBe(false)
  scope.stop()
  expect(readAt.value).toBe(null)
})

it('waits for who is at a field, and for what lies over the page', () => {
  document.body.innerHTML = '<form><input id="a" /><input type="search" id="b" /></form>'
  expect(heldBack()).toBe(false)
  document.querySelector<HTMLElement>('#b')!.focus()
  expect(heldBack()).toBe(false)
  document.querySelector<HTMLElement>('#a')!.focus()
  expect(heldBack()).toBe(true)
  document.body.innerHTML = '<dialog open></dialog>'
  expect(heldBack()).toBe(true)
  document.body.innerHTML = ''
})
