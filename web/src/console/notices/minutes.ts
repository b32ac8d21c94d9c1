// Times of day as the server keeps them, in minutes after midnight, and as people write them: 07:30.

export const CLOCK = String.raw`([01]\d|2[0-3]):[0-5]\d`

const two = (n: number) => String(n).padStart(2, '0')
export const toClock = (minutes: number) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`

export function toMinutes(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}
