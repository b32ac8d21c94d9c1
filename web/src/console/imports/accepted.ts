// What a file chooser offers, by what the file holds.
export const SHEETS = '.xlsx,.xls,.ods,.csv,.tsv'
export const BOUNDARIES = '.zip,.gpkg,.geojson,.json,.kml,.kmz,.ovkml,.ovkmz'
