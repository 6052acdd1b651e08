/** What the events `message_edited` and `message_deleted` make of the messages they are about. */

interface Correctable {
  readonly id: number
  readonly body: string
  readonly data: { readonly event?: string; readonly target_id?: number; readonly text?: string }
  readonly created_at: string
  readonly edited_at: string | null
  readonly deleted_at: string | null
}

/**
 * The messages as they read now. The same list when nothing in it has been corrected.
 *
 * A message may have been fetched after its correction, and an earlier correction be applied after that: what is older than
 * the message's own last change is not repeated, and what was deleted stays so.
 */
export function corrected<M extends Correctable>(messages: readonly M[]): readonly M[] {
  const now = new Map<number, M>()
  for (const { data, created_at: at } of messages) {
    const { event, target_id: id } = data
    if (id === undefined || (event !== 'message_edited' && event !== 'message_deleted')) continue
    const target = now.get(id) ?? messages.find(each => each.id === id)
    if (!target || target.deleted_at !== null) continue
    if (event === 'message_deleted') now.set(id, { ...target, body: '', data: {}, deleted_at: at })
    else if (target.edited_at === null || Date.parse(target.edited_at) < Date.parse(at)) {
      now.set(id, { ...target, body: data.text ?? target.body, edited_at: at })
    }
  }
  return now.size === 0 ? messages : messages.map(each => now.get(each.id) ?? each)
}
