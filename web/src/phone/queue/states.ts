// What has become of a visit, and why, in words.
import type { Iso, Standing } from '../../shared/api/types'
import { clockOffset } from '../../shared/clock'
import { t } from '../../shared/i18n'
import { correction } from '../sending/wire'
import type { Item, Trouble } from '../store/database'

export type Shown = Standing | 'waiting' | 'sending' | 'mend'

export function shownState(item: Item, sending: readonly string[]): Shown {
  if (item.state === 'mend') return 'mend'
  if (item.state === 'waiting') return sending.includes(item.id) ? 'sending' : 'waiting'
  return item.answer?.standing ?? 'held'
}

/** The colour of a mark. */
export const TONES: Record<Shown, 'good' | 'warn' | 'bad'> = {
  counted: 'good',
  sending: 'good',
  held: 'warn',
  waiting: 'warn',
  mend: 'bad',
  outside: 'bad',
  refused: 'bad',
}

/** The server's own sentences where it said any. */
export function why({ kind, problem }: Trouble): string {
  if (!problem) return t(`phone.trouble.${kind === 'problem' ? 'odd' : kind}`)
  const fields = (problem.errors ?? []).map(({ detail }) => detail)
  return [problem.detail || problem.title, ...fields].join('；')
}

/** When it took place, by the clock that it is reported by. */
export const when = ({ visit }: Item): Iso =>
  new Date(visit.capturedAt + correction(visit.offset ?? clockOffset())).toISOString()
