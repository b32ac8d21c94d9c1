// The console's endpoints for files of the office: kinds, templates, uploads, and what becomes of them.
import { authorized, filled, get, send } from './console'
import { keepFile } from './files'
import type { QueryOf, Schemas } from '../../shared/api/wire'

export type ImportKind = Schemas['ImportKind']
export type ImportJob = Schemas['ImportOut']
export type ImportFinding = Schemas['ImportFinding']
export type ImportColumn = Schemas['ImportColumn']
export type ImportQuestion = Schemas['ImportQuestion']
export type ImportName = Schemas['ImportName']
export type Crs = Schemas['Crs']

const IMPORTS = '/v1/counties/{county_id}/imports'
const ONE = '/v1/counties/{county_id}/imports/{import_id}'

export const getImportKinds = (signal: AbortSignal) => get(`${IMPORTS}/kinds`, { signal })
export const getImports = (query: QueryOf<typeof IMPORTS>, signal: AbortSignal) =>
  get(IMPORTS, { query, signal })
export const getImport = (import_id: string, signal: AbortSignal) => get(ONE, { in: { import_id }, signal })
export const applyImport = (import_id: string) => send('post', `${ONE}/apply`, { in: { import_id } })
/** The same file once more: in another coordinate system, with the people who are meant, or with what is to end. */
export const readAgain = (import_id: string, options: Schemas['ImportOptions']) =>
  authorized<Schemas['ImportStarted']>(filled(`${ONE}/again`, { import_id }), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(options),
  })
export const undoImport = (import_id: string) => send('post', `${ONE}/undo`, { in: { import_id } })

/** What the office's own headings mean is sent with the file, and remembered. */
export interface ImportOptions {
  crs: Crs | null
  headings: Record<string, string>
}

export function sendFile(kind: ImportKind, file: File, options: ImportOptions) {
  const body = new FormData()
  body.set('file', file)
  body.set('options', JSON.stringify(options))
  return authorized<Schemas['ImportStarted']>(filled(`${IMPORTS}/${kind}`), { method: 'POST', body })
}

export const keepTemplate = (kind: ImportKind, name: string) =>
  keepFile(filled(`${IMPORTS}/${kind}/template.xlsx`), `${name}.xlsx`)
export const keepMarked = (import_id: string, name: string) =>
  keepFile(filled(`${ONE}/marked.xlsx`, { import_id }), `${name}.xlsx`)
/** What is there and not in the file. */
export const getMissing = (import_id: string, signal: AbortSignal) =>
  get(`${ONE}/missing`, { in: { import_id }, signal })
export const keepMissing = (import_id: string, name: string) =>
  keepFile(filled(`${ONE}/missing.xlsx`, { import_id }), `${name}.xlsx`)
export const keepProblems = (import_id: string, name: string) =>
  keepFile(filled(`${ONE}/problems.xlsx`, { import_id }), `${name}.xlsx`)

export type ImportMap = Schemas['ImportMap']
export type ImportReading = Schemas['ImportReading']
export type ImportShape = Schemas['ImportShape']
/** Drawn as `reading` would have it; '' is as it was checked. */
export const getImportMap = (import_id: string, reading: string, signal: AbortSignal) =>
  get(`${ONE}/map`, { in: { import_id }, query: { reading: reading || undefined }, signal })
export const putReading = (import_id: string, code: string) =>
  send('put', `${ONE}/reading`, { in: { import_id }, body: { code } })
