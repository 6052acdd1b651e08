/** What is said of a file in words: what it is, how large, and why it is not sent. */
import { fileSize } from '../../file_size'
import type { IconName } from '#icons'
import type { FileKind, UploadItem } from '../../upload_queue'
import { extensionOf } from '../../upload'
import { locale, t } from './words'

const ICONS: Record<FileKind, IconName> = { image: 'image', audio: 'mic', video: 'video', document: 'file-text' }

export const iconOf = (kind: FileKind): IconName => ICONS[kind]

/** "PDF, 180 kB". */
export function describe(file: { name: string; size: number }): string {
  const extension = extensionOf(file.name)
  return `${extension ? extension.toUpperCase() : t('file')}, ${fileSize(file.size, locale)}`
}

/** Why this file does not go, or null. `refusal` puts the desk's own codes into words, where there are any. */
export function whyNot(item: UploadItem, refusal: (error: NonNullable<UploadItem['error']>) => string | null = () => null): string | null {
  if (item.error) return refusal(item.error) ?? (item.error.message || t('not_now'))
  switch (item.unfit?.code) {
    case undefined:
      return null
    case 'too_large': {
      const { size, most } = item.unfit
      return t('larger', { size: fileSize(size, locale, most), most: fileSize(most, locale) })
    }
    case 'wrong_kind': {
      const { extension } = item.unfit
      return extension ? t('wrong_kind', { extension }) : t('wrong_kind_none')
    }
    case 'too_many':
      return t('too_many', { most: item.unfit.most })
    case 'empty':
      return t('empty')
  }
}
