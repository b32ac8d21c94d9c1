// Builds the supervisors' page into the folder that the app serves at `/`.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const OLDEST_BROWSER = 'chrome80' // Android phones that stopped updating in 2020

export default defineConfig({
  plugins: [vue()],
  build: {
    target: OLDEST_BROWSER,
    cssTarget: OLDEST_BROWSER,
    // One entry, index.html; a second page is one more file here, in `rolldownOptions.input`.
    outDir: '../app/console/static',
    emptyOutDir: true,
    chunkSizeWarningLimit: 1200, // MapLibre; loaded after the lists are on the screen
  },
  worker: {
    format: 'es',
    rolldownOptions: { treeshake: false }, // MapLibre declares its worker free of side effects, and it is nothing else
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8000' } },
})
