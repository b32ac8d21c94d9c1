// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { useLoad, usePages } from './load'

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
  week.value = '2026-W47'
  await nextTick()
  waiting.get('2026-W47')!('the new week')
  await settled()
  waiting.get('2026-W46')!('the old week')
  await settled()
  expect(list.data.value).toBe('the new week')
  expect(list.loading.value).toBe(false)
  scope.stop()
})

it('keeps the old answer on screen beside the error, until it is tried again', async () => {
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

it('reads every page that is left, in order', async () => {
  const pages: Record<string, { items: number[]; next_cursor: string | null }> = {
    '': { items: [1, 2], next_cursor: 'b' },
    b: { items: [3], next_cursor: 'c' },
    c: { items: [4], next_cursor: null },
  }
  const scope = effectScope()
  const list = scope.run(() =>
    usePages(
      () => 1,
      async (cursor) => pages[cursor ?? '']!,
    ),
  )!
  await settled()
  expect([list.data.value, list.next.value]).toEqual([[1, 2], 'b'])
  await list.more(true)
  expect([list.data.value, list.next.value]).toEqual([[1, 2, 3, 4], null])
  scope.stop()
})
