/** What the events `message_edited`, `message_deleted` and `answer_rated` make of the messages they are about. */

interface Quoted {
  readonly id: number
  readonly body: string
  readonly deleted?: boolean
}

interface Data {
  readonly event?: string
  readonly target_id?: number
  readonly text?: string
  readonly helped?: boolean
  readonly quote?: Quoted
}

interface Correctable {
  readonly id: number
  readonly body: string
  readonly data: Data
  readonly created_at: string
  readonly edited_at: string | null
  readonly deleted_at: string | null
}

/** What is left to say of a corrected message. */
interface Left {
  readonly text: string
  readonly deleted: boolean
}

/** Characters of a quoted message, as on the server. */
const QUOTED = 200

const CORRECTIONS: ReadonlySet<string> = new Set(['message_edited', 'message_deleted', 'answer_rated'])

/** Whether an entry only corrects another one: it changes what is shown, and is no line by itself. */
export function isCorrection(entry: { readonly data: { readonly event?: string } }): boolean {
  return CORRECTIONS.has(entry.data.event ?? '')
}

/**
 * The messages as they read now. The same list when nothing in it has been corrected.
 *
 * A message may have been fetched after its correction, and an earlier correction be applied after that: what is older than
 * the message's own last change is not repeated, and what was deleted stays so. Whatever repeats the words, a quote or an
 * earlier correction, is corrected with them, as it is on the server.
 */
export function corrected<M extends Correctable>(messages: readonly M[]): readonly M[] {
  const corrections = messages.filter(isCorrection)
  if (corrections.length === 0) return messages
  const now = new Map<number, M>()
  const left = new Map<number, Left>()
  for (const { data, created_at: at } of corrections) {
    const { event, target_id: id } = data
    if (id === undefined) continue
    if (event === 'answer_rated') {
      const answer = now.get(id) ?? messages.find(each => each.id === id)
      if (answer && answer.data.helped !== data.helped) now.set(id, { ...answer, data: { ...answer.data, helped: data.helped } })
      continue
    }
    const deletes = event === 'message_deleted'
    const target = now.get(id) ?? messages.find(each => each.id === id)
    if (deletes) left.set(id, { text: '', deleted: true })
    else if (!left.get(id)?.deleted) left.set(id, { text: data.text ?? '', deleted: false })
    if (!target || target.deleted_at !== null) continue
    if (deletes) now.set(id, { ...target, body: '', data: {}, deleted_at: at })
    else if (target.edited_at === null || Date.parse(target.edited_at) < Date.parse(at)) {
      now.set(id, { ...target, body: data.text ?? target.body, edited_at: at })
    }
  }
  const all = messages.map(each => repeating(now.get(each.id) ?? each, left))
  return all.some((each, place) => each !== messages[place]) ? all : messages
}

/** An entry that repeats the words of a corrected one, with those that are left. Itself when it repeats none. */
function repeating<M extends Correctable>(entry: M, left: ReadonlyMap<number, Left>): M {
  const { quote, target_id: target, text } = entry.data
  const ofTarget = target === undefined || text === undefined ? undefined : left.get(target)
  if (ofTarget && ofTarget.text !== text) return { ...entry, data: { ...entry.data, text: ofTarget.text } }
  const ofQuote = quote && left.get(quote.id)
  if (!quote || !ofQuote) return entry
  const body = [...ofQuote.text].slice(0, QUOTED).join('')
  if (quote.body === body && (quote.deleted ?? false) === ofQuote.deleted) return entry
  const told = ofQuote.deleted ? { ...quote, body, deleted: true } : { ...quote, body }
  return { ...entry, data: { ...entry.data, quote: told } }
}
