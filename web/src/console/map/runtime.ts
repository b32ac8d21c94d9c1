// What MapLibre calls at run time and browsers of 2020 lack. Syntax is the build's business.
type Indexed = { length: number; [index: number]: unknown }

function at(this: Indexed, index: number): unknown {
  return this[index < 0 ? this.length + Math.trunc(index) : Math.trunc(index)]
}

function replaceAll(this: string, pattern: string, replacement: string): string {
  return this.split(pattern).join(replacement)
}

const lacking: [object, string, unknown][] = [
  [Array.prototype, 'at', at],
  [Object.getPrototypeOf(Int8Array.prototype) as object, 'at', at],
  [String.prototype, 'replaceAll', replaceAll],
  [Object, 'hasOwn', (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key)],
]
for (const [owner, name, value] of lacking) {
  if (!(name in owner)) Object.defineProperty(owner, name, { value, writable: true, configurable: true })
}
