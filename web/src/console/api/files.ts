// Files that the server writes, handed to the browser to keep; it names them.
import { authorized, filled } from './console'
import { withQuery, type Query } from '../../shared/api/http'

export async function keepFile(path: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await authorized<Blob>(path, { read: 'blob' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

export const LISTS = [
  'compliance',
  'compliance-tree',
  'duties',
  'flags',
  'check-ins',
  'reviews',
  'people',
  'leave',
  'appeals',
  'coverage',
  'silence',
] as const
export type List = (typeof LISTS)[number]

/** The circular of a period, to be printed. */
export const keepCircular = (query: Query, name: string) =>
  keepFile(withQuery(filled('/v1/counties/{county_id}/exports/circular.docx'), query), `${name}.docx`)

/** A person's sheet, to be printed. */
export const keepPersonSheet = (person_id: string, query: Query, name: string) =>
  keepFile(
    withQuery(filled('/v1/counties/{county_id}/people/{person_id}/sheet.docx', { person_id }), query),
    `${name}.docx`,
  )

/** The list as a sheet, as it is filtered. */
export const keepList = (list: List, query: Query, format: 'xlsx' | 'csv', name: string) =>
  keepFile(
    withQuery(filled(`/v1/counties/{county_id}/exports/${list}.${format}`), query),
    `${name}.${format}`,
  )
