/**
 * One file to the desk, the file itself as the body. `fetch` cannot tell how much of a body has gone, so this is an XHR.
 *
 * What is too large or of the wrong kind is refused here already: nobody waits for five megabytes to hear it. The server
 * looks again, and at the bytes.
 */
import { ApiError } from './api'
import type { AttachmentOut, ErrorOut, UploadLimits } from './wire.gen'

/** Why a file is not sent at all. */
export type Unfit =
  | { readonly code: 'too_large'; readonly size: number; readonly most: number }
  | { readonly code: 'wrong_kind'; readonly extension: string }
  | { readonly code: 'empty' }
  | { readonly code: 'too_many'; readonly most: number }

export interface UploadOptions {
  /** Where it goes, such as `/api/uploads`. */
  path: string
  /** Asked at each upload, for tokens change: `X-CSRF-Token` or `Authorization`. */
  headers?: () => Readonly<Record<string, string>>
  /** Between 0 and 1. */
  onProgress?: (share: number) => void
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal
}

/** What this file breaks of the desk's limits, or null. Exactly `most_bytes` still pass. */
export function unfit(file: Pick<File, 'name' | 'size'>, limits: UploadLimits): Unfit | null {
  if (file.size === 0) return { code: 'empty' }
  if (file.size > limits.most_bytes) return { code: 'too_large', size: file.size, most: limits.most_bytes }
  const extension = extensionOf(file.name)
  return limits.extensions.includes(extension) ? null : { code: 'wrong_kind', extension }
}

/** Without the dot, lower case; empty when there is none. */
export function extensionOf(name: string): string {
  const at = name.lastIndexOf('.')
  return at <= 0 ? '' : name.slice(at + 1).toLowerCase()
}

/** What a file dialog offers. */
export const acceptOf = (limits: UploadLimits): string => limits.extensions.map(each => `.${each}`).join(',')

/** The stored file; refusals come as an `ApiError`, as everywhere: `offline` when there was no answer. */
export function upload(file: File, { path, headers, onProgress, signal }: UploadOptions): Promise<AttachmentOut> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal))
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    const settle = (run: () => void) => {
      signal?.removeEventListener('abort', stop)
      run()
    }
    request.open('POST', `${path}?name=${encodeURIComponent(file.name)}`)
    request.responseType = 'text'
    request.setRequestHeader('accept', 'application/json')
    request.setRequestHeader('content-type', file.type || 'application/octet-stream')
    for (const [name, value] of Object.entries(headers?.() ?? {})) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total > 0 ? loaded / total : 0)
    request.onload = () => settle(() => {
      const answer = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300 && answer !== null) resolve(answer as AttachmentOut)
      else reject(new ApiError(refusalOf(answer, request.status)))
    })
    request.onerror = () => settle(() => reject(new ApiError({ code: 'offline', message: 'The server cannot be reached.' })))
    request.onabort = () => settle(() => reject(reasonOf(signal)))
    signal?.addEventListener('abort', stop)
    request.send(file)
  })
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new DOMException('The upload was cancelled.', 'AbortError')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** Something between us and the desk may answer with a page instead of a reason. */
function refusalOf(answer: unknown, status: number): ErrorOut {
  const known = typeof answer === 'object' && answer !== null && 'code' in answer && typeof answer.code === 'string'
  return known ? (answer as ErrorOut) : { code: status === 413 ? 'too_large' : 'unknown', message: '', status }
}
