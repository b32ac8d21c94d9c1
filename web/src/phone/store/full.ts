// Whether the phone has no room left: the browser's word for it.
export const isFull = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'QuotaExceededError'
