// What the phone app must not become: too heavy for a mountain's network, or unreadable for old browsers.
// `npm run build` runs it on what was emitted.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const MOST_BYTES = 120_000 // compressed; all that a phone loads before it works offline, the worker included
const BUILT = `${import.meta.dirname}/../app/phone/static`

const files = readdirSync(BUILT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)
const scripts = files.filter((file) => file.endsWith('.js'))

// Chromium 80 reads ES2020; the newest syntax in it is `?.` and `??`.
const check = `${import.meta.dirname}/node_modules/es-check/lib/cli/index.js`
execFileSync(process.execPath, [check, 'es2020', '--module', ...scripts], {
    stdio: ['ignore', 'ignore', 'inherit'],
})
// Nor does it know these: `gap` is for grids there, and rules with a selector that it cannot read are dropped whole.
const TOO_NEW =
    /[{;](inset|aspect-ratio|accent-color)[-:]|:(has|is|where)\(|\d(d|s|l)v[hw]\b|color-mix\(|@layer|@container/
const styles = files.filter((file) => file.endsWith('.css')).map((file) => readFileSync(file, 'utf8'))
for (const [rule] of styles.join('').matchAll(/[^{}]+\{[^{}]*\}/g)) {
    const gap = /display:(inline-)?flex/.test(rule) && /[{;]((row|column)-)?gap:/.test(rule)
    if (gap || TOO_NEW.test(rule)) throw new Error(`not in Chromium 80: ${rule}`)
}
console.log(`phone app: ${(bytes / 1000).toFixed(1)} of ${MOST_BYTES / 1000} kB compressed`)
if (bytes > MOST_BYTES) throw new Error('the phone app is too heavy')
