import { expect, it } from 'vitest'
import { readCamera } from './exif'

const bytes = (...each: (number | string)[]) =>
  new Uint8Array(
    each.flatMap((one) => (typeof one === 'number' ? [one] : [...one].map((sign) => sign.charCodeAt(0)))),
  ).buffer
const exif = (...tiff: (number | string)[]) => bytes(0xff, 0xd8, 0xff, 0xe1, 0, 60, 'Exif', 0, 0, ...tiff)

it.each([
  ['nothing', bytes()],
  ['a PNG', bytes(0x89, 'PNG')],
  ['a JPEG that ends', bytes(0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 'Exif', 0, 0, 'MM')],
  ['a list that lies beyond the end', exif('MM', 0, 42, 0xff, 0xff, 0xff, 0xff)],
  ['a list that never ends', exif('II', 42, 0, 8, 0, 0, 0, 0xff, 0xff)],
  [
    'a value that lies beyond the end',
    exif('MM', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0xff, 0xff, 0xff, 0xff),
  ],
])('of %s nothing is known, and the photo is kept', (_, file) => {
  const { orientation, evidence, unturned } = readCamera(file)
  expect([orientation, evidence, unturned.buffer]).toEqual([1, null, file])
})

it('an orientation that is none is none', () => {
  const turned = (how: number) =>
    exif('MM', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, how, 0, 0)
  expect([0, 3, 8, 9].map((how) => readCamera(turned(how)).orientation)).toEqual([1, 3, 8, 1])
})
