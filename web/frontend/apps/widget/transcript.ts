/** The conversation as a plain text file. */
import type { VisitorMessage } from '#shared/wire.gen'
import { isShown } from './answers'

export interface TranscriptWords {
  title: string
  you: string
  deleted: string
  at(moment: string): string
}

export function transcriptOf(entries: readonly VisitorMessage[], { title, you, deleted, at }: TranscriptWords): string {
  const lines = entries
    .filter(isShown)
    .map(({ kind, author, body, data, created_at, deleted_at }) => {
      if (kind === 'event') return `[${at(created_at)}] ${body}`
      const name = author.kind === 'customer' ? you : author.name
      const said = [deleted_at ? deleted : body, ...(data.attachments ?? []).map(file => file.name)].filter(Boolean).join('\n')
      return `[${at(created_at)}] ${name}: ${said.replaceAll('\n', '\n    ')}`
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
