// Builds what browsers are served: the supervisors' page (`vite build`, at `/`) and the phone app
// (`vite build --mode phone`, at `/m/`), each into a folder that the application serves.
import vue from '@vitejs/plugin-vue'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { defineConfig, type Plugin, type UserConfig } from 'vite'

const OLDEST_BROWSER = 'chrome80' // Android phones that stopped updating in 2020
const PHONE = `${import.meta.dirname}/src/phone`

const console: UserConfig = {
  plugins: [vue()],
  build: {
    target: OLDEST_BROWSER,
    cssTarget: OLDEST_BROWSER,
    outDir: '../app/console/static',
    emptyOutDir: true,
    chunkSizeWarningLimit: 1200, // MapLibre; loaded after the lists are on the screen
  },
  worker: {
    format: 'es',
    rolldownOptions: { treeshake: false }, // MapLibre declares its worker free of side effects, and it is nothing else
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8000' } },
}

const phone: UserConfig = {
  root: PHONE,
  base: '/m/',
  plugins: [vue(), shellWorker()],
  define: { __VUE_OPTIONS_API__: 'false' },
  resolve: { alias: [{ find: /^\.\/texts$/, replacement: `${PHONE}/../shared/i18n/texts.phone` }] },
  build: {
    target: OLDEST_BROWSER,
    cssTarget: OLDEST_BROWSER,
    outDir: '../../../app/phone/static',
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy admits files of ours only
    modulePreload: false,
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8000' } },
}

/** The app as commands, for the conformance kit (commands.ts): `vite build --mode commands --outDir <folder>`. */
const commands: UserConfig = {
  root: PHONE,
  define: { ...phone.define, 'process.env.NODE_ENV': '"production"' }, // a library's is left to who uses it
  resolve: phone.resolve,
  publicDir: false,
  build: { lib: { entry: 'commands.ts', formats: ['es'], fileName: 'commands' }, minify: false },
}

/** Writes sw.js: worker.js with the list of all files that make the app, and a name for just these files. */
function shellWorker(): Plugin {
  return {
    name: 'shell-worker',
    apply: 'build',
    generateBundle(_, bundle) {
      const worker = readFileSync(`${PHONE}/worker.js`, 'utf8')
      const hash = createHash('sha256').update(worker)
      for (const file of Object.values(bundle)) hash.update(file.type === 'chunk' ? file.code : file.source)
      const beside = readdirSync(`${PHONE}/public`)
      for (const name of beside) hash.update(readFileSync(`${PHONE}/public/${name}`))
      const pages = Object.keys(bundle).filter((name) => name !== 'index.html')
      const shell = ['/m/', ...[...pages, ...beside].map((name) => `/m/${name}`)]
      const version = hash.digest('hex').slice(0, 12)
      const source = `const SHELL = ${JSON.stringify(shell)}\nconst VERSION = '${version}'\n${worker}`
      this.emitFile({ type: 'asset', fileName: 'sw.js', source })
    },
  }
}

export default defineConfig(({ mode }) => ({ phone, commands })[mode] ?? console)
