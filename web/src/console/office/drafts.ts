// What was typed and not sent: kept by what it is about until it is sent, whatever is opened and closed meanwhile, and
// as long as nobody signs out. In memory only.
import { computed, reactive } from 'vue'

const kept = reactive(new Map<string, string>())

/** Words about `about()`, such as `flag:<id>`; empty words are none. */
export function useDraft(about: () => string) {
  return computed<string>({
    get: () => kept.get(about()) ?? '',
    set: (words) => void (words ? kept.set(about(), words) : kept.delete(about())),
  })
}

/** Nobody else finds them. */
export const dropDrafts = (): void => kept.clear()
