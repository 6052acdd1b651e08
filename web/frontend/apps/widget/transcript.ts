/** The conversation as a plain text file. */
import type { VisitorMessage } from '#shared/wire.gen'

export interface TranscriptWords {
  title: string
  you: string
  at(moment: string): string
}

export function transcriptOf(entries: readonly VisitorMessage[], { title, you, at }: TranscriptWords): string {
  const lines = entries
    .filter(entry => entry.body !== '')
    .map(({ kind, author, body, created_at }) => {
      if (kind === 'event') return `[${at(created_at)}] ${body}`
      const name = author.kind === 'customer' ? you : author.name
      return `[${at(created_at)}] ${name}: ${body.replaceAll('\n', '\n    ')}`
    })
  return [title, '', ...lines, ''].join('\n')
}

export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has to have begun reading before the address goes away.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
