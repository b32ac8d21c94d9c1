// A form that becomes a letter: what is typed is on the disk at once, and filed once the server has it.
import { reactive, ref, toRaw, watch } from 'vue'
import type { Letter, LetterKind } from './store/database'
import { dropLetter, keepLetter, lettersOf, newLetter, postLetter, type Body } from './store/letters'
import { changed, letters, person, send, store } from './phone'

/** One that is not there yet begins with `body`. */
export async function useLetter<B extends Body>(kind: LetterKind, about: string, body: B) {
  const owner = person.value!.id
  const found = (await lettersOf(store(), owner)).find(
    (each) => each.kind === kind && each.about === about && each.state === 'draft',
  )
  const letter = reactive(found ?? newLetter(owner, kind, about, body)) as Letter & {
    body: B
    photoIds: string[]
  }
  const failed = ref(false) // the phone is full, or refuses
  let closed = false
  let writing: Promise<unknown> = Promise.resolve()
  const plain = () => JSON.parse(JSON.stringify(toRaw(letter))) as Letter

  const write = () =>
    (writing = writing
      .then(() => (closed ? undefined : keepLetter(store(), plain())))
      .then(
        () => (failed.value = false),
        () => (failed.value = true),
      ))
  letter.photoIds ??= []
  watch(() => [letter.body, letter.photoIds], write, { deep: true, flush: 'sync' })

  /** Whether it is on the disk, to be sent. */
  async function file(): Promise<boolean> {
    closed = true
    await writing
    try {
      await postLetter(store(), plain())
    } catch (error) {
      console.error(error)
      closed = false
      failed.value = true
      return false
    }
    await changed()
    send(true)
    return true
  }

  async function drop(): Promise<void> {
    closed = true
    await writing
    await dropLetter(store(), plain())
    await changed()
  }
  return { letter, body: letter.body, failed, resumed: found !== undefined, file, drop }
}

/** What needs no form: leave taken back or ended, a notice read. Once is enough. */
export async function tell(kind: 'withdraw' | 'return' | 'read', about: string): Promise<void> {
  if (letters.value.some((each) => each.kind === kind && each.about === about && each.state === 'waiting'))
    return
  await postLetter(store(), newLetter(person.value!.id, kind, about, {}))
  await changed()
  send(true)
}

/** Back to the form that it was written in. */
export async function reopen(letter: Letter): Promise<void> {
  await keepLetter(store(), { ...letter, state: 'draft', trouble: null })
  await changed()
}

export async function remove(letter: Letter): Promise<void> {
  await dropLetter(store(), letter)
  await changed()
}
