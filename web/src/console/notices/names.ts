// A template's places by the names that the reader knows: `{周期}` where the server has `{days}`.
import { isKey, t } from '../../shared/i18n'

const PLACES = /\{\{|\}\}|\{([^{}]+)\}/g // two braces are one brace of the text

/** What a place is called; where it has no name, its own. */
export function nameOf(place: string): string {
  const key = `notices.place.${place}`
  return isKey(key) ? t(key) : place
}

const put = (text: string, called: (place: string) => string) =>
  text.replace(PLACES, (whole: string, place?: string) =>
    place === undefined ? whole : `{${called(place)}}`,
  )

export const named = (text: string) => put(text, nameOf)

/** Back to what the server has; a name that is none of `places` stays, for the server to refuse. */
export const unnamed = (text: string, places: readonly string[]) =>
  put(text, (name) => places.find((place) => nameOf(place) === name) ?? name)
