// From when until when something of the roster holds.
import { t } from '../../shared/i18n'

export const lastingOf = ({ from, until }: { from: string; until: string | null }) =>
  until ? t('places.assignments.span', { from, until }) : t('places.assignments.since', { from })
