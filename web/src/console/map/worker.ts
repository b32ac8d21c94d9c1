// MapLibre's worker, bundled with the page: no other host serves any of it.
import './runtime'
import 'maplibre-gl/dist/maplibre-gl-worker.mjs'
