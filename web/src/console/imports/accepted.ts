// What a file chooser offers, by what the file holds.
import type { ImportKind } from '../api/imports'

const SHEETS = '.xlsx,.xls,.ods,.csv,.tsv'
const BOUNDARIES = '.zip,.gpkg,.geojson,.json,.kml,.kmz,.ovkml,.ovkmz'

/** Boundaries are drawn; households may be points in a sheet or on a map. */
export const acceptedOf = (kind: ImportKind): string =>
  kind === 'geofences' ? BOUNDARIES : kind === 'households' ? `${SHEETS},${BOUNDARIES}` : SHEETS

/** Whether a file holds shapes, which are counted from 1, and no rows. */
export const holdsShapes = (name: string): boolean =>
  BOUNDARIES.split(',').some((ending) => name.toLowerCase().endsWith(ending))
