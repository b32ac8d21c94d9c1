// The county's own template of the circular: which is in use, a new one, and back to the system's.
import { authorized, filled, get, send } from './console'
import { keepFile } from './files'
import type { Schemas } from '../../shared/api/wire'

export type CircularTemplates = Schemas['CircularTemplates']
export type TemplateHistory = Schemas['TemplateHistory']
type Language = TemplateHistory['language']

const TEMPLATES = '/v1/counties/{county_id}/circular-template'
const ONE = '/v1/counties/{county_id}/circular-template/{language}'

export const getCircularTemplates = (signal: AbortSignal) => get(TEMPLATES, { signal })

export function sendCircularTemplate(language: Language, file: File) {
  const body = new FormData()
  body.set('file', file)
  return authorized<CircularTemplates>(filled(ONE, { language }), { method: 'PUT', body })
}

export const resetCircularTemplate = (language: Language) => send('delete', ONE, { in: { language } })

/** A version of the county's own, or the system's. */
export const keepCircularTemplate = (language: Language, version: number | 'house', name: string) =>
  keepFile(filled(`${ONE}/${version}.docx`, { language }), `${name}.docx`)
