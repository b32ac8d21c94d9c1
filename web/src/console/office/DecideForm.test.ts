// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import DecideForm from './DecideForm.vue'

const decideForm = (decide: (choice: string, reason: string) => Promise<void>) =>
  mount(DecideForm, {
    props: {
      about: 'appeal:1',
      choices: [
        { value: 'granted', label: '同意' },
        { value: 'refused', label: '不同意' },
      ],
      quick: ['情况属实'],
      hint: '',
      decide,
    },
  })

it('decides nothing without a reason, and says so', async () => {
  const decide = vi.fn(async () => undefined)
  const form = decideForm(decide)
  await form.find('textarea').setValue('   ')
  await form.findAll('.actions button')[1]!.trigger('click')
  expect(decide).not.toHaveBeenCalled()
  expect(form.find('[role=alert]').exists()).toBe(true)
  expect(form.find('textarea').attributes('aria-invalid')).toBe('true')
})

it('hands over the choice once, with the reason', async () => {
  let done = () => {}
  const decide = vi.fn(() => new Promise<void>((finish) => (done = finish)))
  const form = decideForm(decide)
  await form.find('.quick button').trigger('click')
  const [first] = form.findAll('.actions button')
  await first!.trigger('click')
  await first!.trigger('click')
  expect(decide.mock.calls).toEqual([['granted', '情况属实']])
  expect(first!.attributes('disabled')).toBeDefined()
  done()
  await flushPromises()
  expect(first!.attributes('disabled')).toBeUndefined()
})

it('keeps the reason that was typed when the network fails', async () => {
  const form = decideForm(() => Promise.reject(new TypeError('failed to fetch')))
  await form.find('textarea').setValue('材料不全')
  await form.findAll('.actions button')[1]!.trigger('click')
  await flushPromises()
  expect(form.find('[role=alert]').exists()).toBe(true)
  expect(form.find('textarea').element.value).toBe('材料不全')
})
