// What time it is: by the server, whose clock is right, in the county's zone, wherever the reader sits.
import type { Day, Iso } from './api/types'

let measured: number | null = null // ms the server is ahead of this device, whose date may be years off
let zone = 'Asia/Shanghai'

/** Takes the `Date` header of any answer. */
export function setServerTime(header: string | null): void {
  const date = Date.parse(header ?? '')
  if (!Number.isNaN(date)) measured = date - Date.now()
}

/** How far the server's clock is ahead, in ms; null before the first answer. */
export const clockOffset = () => measured

export function serverNow(): Date {
  return new Date(Date.now() + (measured ?? 0))
}

export function setZone(timezone: string): void {
  zone = timezone
}

export function countyZone(): string {
  return zone
}

/** `2026-11-18T20:10`, what the county's clocks show at this instant: the value of a datetime-local field. */
export function localTime(instant: Date | Iso): string {
  const parts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, ...parts }).format(new Date(instant))
  return `${dayOf(instant)}T${time}`
}

/** The instant at which the county's clocks show this. */
export function instantOf(local: string): Iso {
  const shown = Date.parse(`${local}Z`)
  const ahead = Date.parse(`${localTime(new Date(shown))}Z`) - shown
  return new Date(shown - ahead).toISOString()
}

/** The county's date at this instant. */
export function dayOf(instant: Date | Iso): Day {
  const digits = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, ...digits }).format(new Date(instant)) // Swedes write ISO
}
