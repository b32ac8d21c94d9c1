// A rule's terms as its form holds them, and as they are saved.
import type { Terms } from '../api/office'

type Night = NonNullable<Terms['night']>

/** The hours that are offered where the terms name none. */
export const NIGHT: Night = { start: '18:30', until: '05:00' }

export const byNight = ({ measure }: Pick<Terms, 'measure'>) =>
  measure === 'nights' || measure === 'nights_in_village'

/** Stays count, so nothing can be asked of a visit. */
export const byStays = ({ measure }: Pick<Terms, 'measure'>) => measure === 'hours_in_village'

/** Only the terms, of a preset or a version that has more; its lists are copies. */
export function termsOf({ name, name_en, source, measure, period, required, ...rest }: Terms): Terms {
  const { per, days, share, counts_in, household_required, form_required, min_dwell_min, grace_h } = rest
  return {
    ...{ name, name_en, source, measure, period, required, per, days, share, counts_in },
    ...{ household_required, form_required, min_dwell_min, grace_h, shift_closing: rest.shift_closing },
    ...{ categories: [...rest.categories], unit_ids: [...rest.unit_ids], except_ids: [...rest.except_ids] },
    night: rest.night,
  }
}

/** What is sent of a form: what its measure cannot use is left out, though the form remembers it. */
export function bodyOf(draft: Terms, night: Night, atNight: boolean): Terms {
  const ofVisits = !byStays(draft)
  return {
    ...draft,
    night: ofVisits && (atNight || byNight(draft)) ? { ...night } : null,
    min_dwell_min: (ofVisits && draft.min_dwell_min) || null, // an emptied field is ''
    household_required: ofVisits && draft.household_required,
    form_required: ofVisits && draft.form_required,
  }
}
