// Whom the names of a report mean, as a form has it: a person's id, '' as long as nobody has said, or left out.
import type { ImportName, ImportQuestion } from '../api/imports'

export const LEFT_OUT = 'none'

/** As the office has said; of one person with the very name it is asked whether it is they. */
export function saidOf(name: ImportQuestion | ImportName): string {
  if ('remembered' in name) return name.person?.id ?? LEFT_OUT
  const [only, other] = name.candidates
  return only && !other && name.written.split('（')[0] === only.name ? only.id : ''
}
