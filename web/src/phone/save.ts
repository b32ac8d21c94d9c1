// Something as a file of the person's own.
export const save = (text: string, name: string): void =>
  saveFile(new Blob([text], { type: 'application/json' }), name, 'json')

export function saveFile(content: Blob, name: string, ending: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = `${name}-${new Date().toISOString().slice(0, 10)}.${ending}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
