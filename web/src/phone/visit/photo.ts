// A photo as it is kept and sent: upright, at most 1,600 pixels wide or high, a JPEG that still says when and where it
// was taken.
import { readCamera, withSegment } from './exif'

const MOST_PIXELS = 1_600

/** How the canvas is turned for each EXIF orientation, for a picture of width `w` and height `h` on the canvas before turning. */
const TURNS: Record<number, (w: number, h: number) => [number, number, number, number, number, number]> = {
  1: () => [1, 0, 0, 1, 0, 0],
  2: (w) => [-1, 0, 0, 1, w, 0],
  3: (w, h) => [-1, 0, 0, -1, w, h],
  4: (_, h) => [1, 0, 0, -1, 0, h],
  5: () => [0, 1, 1, 0, 0, 0],
  6: (_, h) => [0, 1, -1, 0, h, 0],
  7: (w, h) => [0, -1, -1, 0, h, w],
  8: (w) => [0, -1, 1, 0, 0, w],
}

export async function smaller(file: Blob): Promise<ArrayBuffer> {
  const { orientation, evidence, unturned } = readCamera(await new Response(file).arrayBuffer())
  const picture = await createImageBitmap(new Blob([unturned], { type: file.type }))
  const scale = Math.min(1, MOST_PIXELS / Math.max(picture.width, picture.height))
  const width = Math.round(picture.width * scale)
  const height = Math.round(picture.height * scale)
  const canvas = document.createElement('canvas')
  const lies = orientation >= 5
  canvas.width = lies ? height : width
  canvas.height = lies ? width : height
  const pen = canvas.getContext('2d')!
  pen.setTransform(...TURNS[orientation]!(width, height))
  pen.drawImage(picture, 0, 0, width, height)
  picture.close()
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.82))
  if (!blob) throw new Error('no picture')
  const jpeg = await new Response(blob).arrayBuffer()
  return evidence ? withSegment(jpeg, evidence) : jpeg
}
