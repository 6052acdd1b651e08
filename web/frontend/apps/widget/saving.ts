/** Keep the conversation: the whole of it, as a file. */
import type { WidgetConfig } from '#shared/wire.gen'
import { dateOf, timeOf } from './i18n'
import { t } from './i18n_later'
import { download, transcriptOf } from './transcript'
import type { Visit } from './visit.svelte'

export async function saveTranscript(visit: Visit, config: WidgetConfig): Promise<void> {
  // Without a connection, what is on the screen is still worth keeping.
  if (visit.hasOlder) await visit.fetchOlder().catch(() => undefined)
  const entries = visit.episodes.flatMap(episode => episode.entries)
  const began = entries[0]?.created_at ?? new Date().toISOString()
  const text = transcriptOf(entries, {
    title: t('transcript.title', { company: config.name, date: dateOf(began) }),
    you: visit.name ?? t('transcript.you'),
    deleted: t('transcript.deleted'),
    at: timeOf
  })
  download(t('transcript.file', { date: began.slice(0, 10) }), text)
}
