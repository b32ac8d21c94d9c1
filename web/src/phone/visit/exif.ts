// What a camera writes into a JPEG that speaks for a visit: when it was taken, and where. A photo that is drawn anew,
// smaller, loses all of it, so this much is carried over; serial numbers, previews and the like stay behind.
// EXIF 2.32 is a TIFF within a segment of the JPEG: lists of entries (tag, type, count, value), in either byte order.

const WHEN = [0x9003, 0x9010, 0x9011, 0x9012] // DateTimeOriginal; how far its clock was from UTC
const ORIENTATION = 0x0112
const TAKEN = 0x8769 // where the list of how it was taken begins
const PLACE = 0x8825 // where the list of the place begins
const BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8] // of one value, by type
const LONG = 4

interface Entry {
  tag: number
  type: number
  count: number
  at: number // where its value stands
  value: Uint8Array
}

export interface Camera {
  /** 1 to 8: how the picture has to be turned. */
  orientation: number
  /** The segment to put into the smaller photo; null where nothing was written. */
  evidence: Uint8Array | null
  /** The same photo, said to stand upright: browsers differ in whether they turn it. */
  unturned: Uint8Array<ArrayBuffer>
}

/** Of what is no JPEG, or broken, nothing is known. */
export function readCamera(file: ArrayBuffer): Camera {
  const unturned = new Uint8Array(file.slice(0))
  const nothing = { orientation: 1, evidence: null, unturned }
  try {
    const tiff = exifOf(unturned)
    if (!tiff) return nothing
    const { list, little } = reader(tiff)
    const first = list(new DataView(tiff.buffer, tiff.byteOffset).getUint32(4, little))
    const within = (tag: number) => {
      const found = first.find((entry) => entry.tag === tag)
      return found ? list(new DataView(tiff.buffer, tiff.byteOffset + found.at).getUint32(0, little)) : []
    }
    const when = within(TAKEN).filter(({ tag }) => WHEN.includes(tag))
    const evidence = written(when, within(PLACE), little)
    const turned = first.find(({ tag }) => tag === ORIENTATION)
    if (!turned) return { ...nothing, evidence }
    const stated = new DataView(tiff.buffer, tiff.byteOffset + turned.at)
    const orientation = stated.getUint16(0, little)
    stated.setUint16(0, 1, little)
    return { orientation: orientation >= 1 && orientation <= 8 ? orientation : 1, evidence, unturned }
  } catch {
    return nothing // a value that lies beyond the end
  }
}

/** The segment is the first, as EXIF wants it. */
export function withSegment(jpeg: ArrayBuffer, segment: Uint8Array): ArrayBuffer {
  const whole = new Uint8Array(jpeg.byteLength + segment.length)
  whole.set(new Uint8Array(jpeg, 0, 2))
  whole.set(segment, 2)
  whole.set(new Uint8Array(jpeg, 2), 2 + segment.length)
  return whole.buffer
}

/** The TIFF in it, as a view of the same bytes. */
function exifOf(jpeg: Uint8Array): Uint8Array | null {
  const view = new DataView(jpeg.buffer)
  if (view.getUint16(0) !== 0xffd8) return null
  for (let at = 2; view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda;) {
    const length = view.getUint16(at + 2)
    const name = String.fromCharCode(...jpeg.subarray(at + 4, at + 10))
    if (view.getUint8(at + 1) === 0xe1 && name === 'Exif\0\0') return jpeg.subarray(at + 10, at + 2 + length)
    at += 2 + length
  }
  return null
}

function reader(tiff: Uint8Array) {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const little = view.getUint16(0) === 0x4949
  const list = (from: number): Entry[] =>
    Array.from({ length: view.getUint16(from, little) }, (_, index) => from + 2 + 12 * index).flatMap(
      (at) => {
        const [type, count] = [view.getUint16(at + 2, little), view.getUint32(at + 4, little)]
        const size = count * (BYTES[type] ?? 0)
        const where = size > 4 ? view.getUint32(at + 8, little) : at + 8
        if (!size || where + size > tiff.length) return [] // cameras write rubbish
        const value = tiff.slice(where, where + size)
        return [{ tag: view.getUint16(at, little), type, count, at: where, value }]
      },
    )
  return { list, little }
}

/** A segment with these entries, in the byte order that their values have. */
function written(when: Entry[], place: Entry[], little: boolean): Uint8Array | null {
  const lists = [
    { tag: TAKEN, entries: when },
    { tag: PLACE, entries: place },
  ].filter(({ entries }) => entries.length)
  if (!lists.length) return null
  const sizeOf = (entries: Entry[]) =>
    entries.reduce((sum, { value }) => sum + 12 + (value.length > 4 ? value.length : 0), 6)
  const begins = [8 + 6 + 12 * lists.length]
  for (const { entries } of lists) begins.push(begins[begins.length - 1]! + sizeOf(entries))
  const end = begins[begins.length - 1]!
  const bytes = new Uint8Array(10 + end)
  bytes.set([0xff, 0xe1, (end + 8) >> 8, (end + 8) & 0xff, 0x45, 0x78, 0x69, 0x66, 0, 0])
  const tiff = bytes.subarray(10)
  const view = new DataView(bytes.buffer, 10)
  view.setUint16(0, little ? 0x4949 : 0x4d4d)
  view.setUint16(2, 42, little)
  view.setUint32(4, 8, little)

  function put(
    from: number,
    entries: readonly (Omit<Entry, 'at' | 'value'> & { value: Uint8Array | number })[],
  ) {
    view.setUint16(from, entries.length, little)
    let beyond = from + 6 + 12 * entries.length
    entries.forEach(({ tag, type, count, value }, index) => {
      const at = from + 2 + 12 * index
      view.setUint16(at, tag, little)
      view.setUint16(at + 2, type, little)
      view.setUint32(at + 4, count, little)
      if (typeof value === 'number') view.setUint32(at + 8, value, little)
      else if (value.length <= 4) tiff.set(value, at + 8)
      else {
        view.setUint32(at + 8, beyond, little)
        tiff.set(value, beyond)
        beyond += value.length
      }
    })
  }
  put(
    8,
    lists.map(({ tag }, index) => ({ tag, type: LONG, count: 1, value: begins[index]! })),
  )
  lists.forEach(({ entries }, index) => put(begins[index]!, entries))
  return bytes
}
