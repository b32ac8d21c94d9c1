// A photo as it is kept and sent: upright, at most 1,600 pixels wide or high, a JPEG.
const MOST_PIXELS = 1_600

export async function smaller(file: Blob): Promise<ArrayBuffer> {
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, MOST_PIXELS / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.82))
  if (!blob) throw new Error('no picture')
  return new Response(blob).arrayBuffer()
}
