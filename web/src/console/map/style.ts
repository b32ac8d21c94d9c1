// The map's style: our own tiles and nothing else. Without a `glyphs` address MapLibre draws all text with
// the device's own fonts, so labels need no server either.
import type {
  DataDrivenPropertyValueSpecification,
  ExpressionSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from 'maplibre-gl'
import { tileUrl } from '../api/console'
import { STANDING_COLOURS } from '../../shared/standings'
import { COLOURS, UNKNOWN_COLOUR } from './scale'

export const HATCH = 'hatch'
const TILE_ZOOMS = { minzoom: 5, maxzoom: 11 } // larger tiles are drawn enlarged: at 11 a unit is 4 m
const FONTS = ['Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'sans-serif']

/** Set by the figures that are read; what has none is of no known colour. */
const shade: DataDrivenPropertyValueSpecification<string> = [
  'match',
  ['coalesce', ['feature-state', 'shade'], ''],
  ...Object.entries(COLOURS).flat(),
  UNKNOWN_COLOUR,
] as unknown as DataDrivenPropertyValueSpecification<string>

/** A veil over villages where someone awaits review after the period is closed: not yet good or bad. */
export const veil = (opacity: number): ExpressionSpecification => [
  'case',
  ['boolean', ['feature-state', 'veiled'], false],
  opacity,
  0,
]

const standingColour = [
  'match',
  ['get', 'standing'],
  ...Object.entries(STANDING_COLOURS).flat(),
  '#5b646b',
] as unknown as DataDrivenPropertyValueSpecification<string>

/** What the reader does with a village. Feature states, not filters: those would load its tiles anew. */
export type Mark = 'hovered' | 'selected' | 'dimmed'
const ifMarked = (mark: Mark, value: number): ExpressionSpecification => [
  'case',
  ['boolean', ['feature-state', mark], false],
  value,
  0,
]

export const villageTiles = (period: string, rule: string) => [tileUrl('villages', { period, rule })]
export const checkInSource = (period: string, rule: string): SourceSpecification => ({
  type: 'vector',
  tiles: [tileUrl('check_ins', { period, rule })],
  ...TILE_ZOOMS,
})

const villages = { source: 'villages', 'source-layer': 'villages' }
const townships = { source: 'townships', 'source-layer': 'townships' }
const checkIns = { source: 'check_ins', 'source-layer': 'check_ins' }

const areas: LayerSpecification[] = [
  { id: 'background', type: 'background', paint: { 'background-color': '#eef1ef' } },
  { id: 'villages', type: 'fill', ...villages, paint: { 'fill-color': shade, 'fill-antialias': false } },
  {
    id: 'villages-veil',
    type: 'fill',
    ...villages,
    paint: { 'fill-pattern': HATCH, 'fill-opacity': veil(1) },
  },
  {
    id: 'villages-dim',
    type: 'fill',
    ...villages,
    paint: { 'fill-color': '#eef1ef', 'fill-opacity': ifMarked('dimmed', 0.78) },
  },
  {
    id: 'villages-line',
    type: 'line',
    ...villages,
    paint: { 'line-color': '#ffffff', 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.5, 12, 1.5] },
  },
  {
    id: 'townships-line',
    type: 'line',
    ...townships,
    layout: { 'line-join': 'round' },
    paint: { 'line-color': '#3d4f5c', 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 1, 12, 2.2] },
  },
  {
    id: 'village-hovered',
    type: 'line',
    ...villages,
    paint: { 'line-color': '#14283a', 'line-width': 1.5, 'line-opacity': ifMarked('hovered', 1) },
  },
  {
    id: 'village-selected-halo',
    type: 'line',
    ...villages,
    layout: { 'line-join': 'round' },
    paint: { 'line-color': '#ffffff', 'line-width': 6, 'line-opacity': ifMarked('selected', 1) },
  },
  {
    id: 'village-selected',
    type: 'line',
    ...villages,
    layout: { 'line-join': 'round' },
    paint: { 'line-color': '#14283a', 'line-width': 3, 'line-opacity': ifMarked('selected', 1) },
  },
]

/** Everybody's check-ins, under the names. */
export const CHECK_INS: LayerSpecification = {
  id: 'check-ins',
  type: 'circle',
  ...checkIns,
  paint: {
    'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 1.6, 12, 5],
    'circle-color': standingColour,
    'circle-stroke-color': '#ffffff',
    'circle-stroke-width': 0.6,
  },
}
export const UNDER_NAMES = 'village-names'

/** One person's, over the names. */
const points: LayerSpecification[] = [
  {
    id: 'accuracy',
    type: 'fill',
    source: 'accuracy',
    paint: { 'fill-color': '#14283a', 'fill-opacity': 0.14, 'fill-outline-color': '#14283a' },
  },
  {
    id: 'points',
    type: 'circle',
    source: 'points',
    paint: {
      'circle-radius': ['case', ['get', 'focused'], 13, 10],
      'circle-color': standingColour,
      'circle-stroke-color': ['case', ['get', 'focused'], '#f3c64e', '#ffffff'],
      'circle-stroke-width': ['case', ['get', 'focused'], 3, 1.5],
    },
  },
  {
    id: 'point-numbers',
    type: 'symbol',
    source: 'points',
    layout: {
      'text-field': ['to-string', ['get', 'number']],
      'text-font': FONTS,
      'text-size': 12,
      'symbol-sort-key': ['case', ['get', 'focused'], 0, ['-', ['get', 'number']]], // of two in one place, the later
    },
    paint: { 'text-color': '#ffffff' },
  },
]

const labels: LayerSpecification[] = [
  {
    id: 'village-names',
    type: 'symbol',
    source: 'names',
    minzoom: 10.2,
    filter: ['==', ['get', 'kind'], 'village'],
    layout: { 'text-field': ['get', 'name'], 'text-font': FONTS, 'text-size': 11.5, 'text-padding': 4 },
    paint: { 'text-color': '#24323c', 'text-halo-color': 'rgba(255,255,255,0.95)', 'text-halo-width': 1.6 },
  },
  {
    id: 'township-names',
    type: 'symbol',
    source: 'names',
    filter: ['==', ['get', 'kind'], 'township'],
    layout: {
      'text-field': ['get', 'name'],
      'text-font': FONTS,
      'text-letter-spacing': 0.06,
      'text-padding': 2,
      'text-size': ['interpolate', ['linear'], ['zoom'], 8, 12, 11, 15],
      'text-max-width': 6,
    },
    paint: { 'text-color': '#14283a', 'text-halo-color': 'rgba(255,255,255,0.9)', 'text-halo-width': 1.6 },
  },
]

const nothing = { type: 'FeatureCollection' as const, features: [] }

export function countyStyle(period: string, rule: string): StyleSpecification {
  return {
    version: 8,
    sources: {
      townships: {
        type: 'vector',
        tiles: [tileUrl('townships', {})],
        ...TILE_ZOOMS,
        promoteId: 'township_id',
      },
      villages: { type: 'vector', tiles: villageTiles(period, rule), ...TILE_ZOOMS, promoteId: 'village_id' },
      names: { type: 'geojson', data: nothing },
      points: { type: 'geojson', data: nothing },
      accuracy: { type: 'geojson', data: nothing },
    },
    layers: [...areas, ...labels, ...points],
  }
}

/** Pale and hatched. */
export function hatchImage(): ImageData {
  const side = 12
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = side
  const context = canvas.getContext('2d')!
  context.fillStyle = 'rgba(255,255,255,0.4)'
  context.fillRect(0, 0, side, side)
  context.strokeStyle = 'rgba(255,255,255,0.85)'
  context.lineWidth = 4.5
  for (const shift of [-side, 0, side]) {
    context.moveTo(shift, side)
    context.lineTo(shift + side, 0)
  }
  context.stroke()
  return context.getImageData(0, 0, side, side)
}
