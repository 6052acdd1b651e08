/**
 * Message text to a tree of a few safe pieces: bold, italic, code, links and line breaks.
 *
 * Text stays text: nothing here makes markup, so nothing that people write can become any. A link keeps its own address as
 * its label, so it cannot say one thing and open another.
 */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'bold' | 'italic'; readonly children: readonly Piece[] }
  | { readonly kind: 'link'; readonly href: string; readonly text: string }

/** The only addresses that become links. */
const SAFE_PROTOCOLS = new Set(['http:', 'https:', 'mailto:', 'tel:'])

/**
 * One piece of markup, whichever begins first. The marks of bold and italic must hug their words, and underscores must stand
 * at the edge of one, so that `2 * 3 * 4` and `some_file_name` stay as they are.
 */
const MARKUP = new RegExp(
  [
    /`(?<code>[^`\n]+)`/,
    /(?<link>\b(?:https?:\/\/|mailto:|tel:)[^\s<>"'`]+)/,
    /(?<mail>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/,
    /\*\*(?<bold>\S(?:[^\n]*?\S)?)\*\*/,
    /(?<![*\w])\*(?<star>[^\s*](?:[^*\n]*?[^\s*])?)\*(?![*\w])/,
    /(?<!\w)_(?<low>[^\s_](?:[^_\n]*?[^\s_])?)_(?!\w)/
  ]
    .map(each => each.source)
    .join('|')
)

/** Marks inside marks go this deep; what is deeper stays text. */
const DEEPEST = 4

export function format(text: string): Piece[] {
  const pieces: Piece[] = []
  for (const [i, line] of text.replace(/\r\n?/g, '\n').split('\n').entries()) {
    if (i > 0) pieces.push({ kind: 'break' })
    pieces.push(...inline(line))
  }
  return pieces
}

function inline(text: string, depth = 0): Piece[] {
  if (depth === DEEPEST) return [{ kind: 'text', text }]
  const pieces: Piece[] = []
  const markup = new RegExp(MARKUP, 'gi')
  let from = 0
  for (let found = markup.exec(text); found; found = markup.exec(text)) {
    const [piece, length] = pieceOf(found, depth)
    pushText(pieces, text.slice(from, found.index))
    from = markup.lastIndex = found.index + length
    if (piece) pieces.push(piece)
    else pushText(pieces, found[0])
  }
  pushText(pieces, text.slice(from))
  return pieces
}

/** The piece and how much of the text it takes; no piece for an address that is none. */
function pieceOf(found: RegExpExecArray, depth: number): [Piece | null, number] {
  const { code, link, mail, bold, star, low } = found.groups ?? {}
  if (code !== undefined) return [{ kind: 'code', text: code }, found[0].length]
  if (bold !== undefined) return [{ kind: 'bold', children: inline(bold, depth + 1) }, found[0].length]
  const italic = star ?? low
  if (italic !== undefined) return [{ kind: 'italic', children: inline(italic, depth + 1) }, found[0].length]
  if (mail !== undefined) return [{ kind: 'link', href: `mailto:${mail}`, text: mail }, found[0].length]
  const address = withoutTrailingMarks(link ?? '')
  const href = safeAddress(address)
  return href === null ? [null, found[0].length] : [{ kind: 'link', href, text: address }, address.length]
}

/** The stop, comma or bracket after an address belongs to the sentence, unless the bracket was opened inside. */
function withoutTrailingMarks(address: string): string {
  let end = address.length
  for (; end > 0; end--) {
    const last = address[end - 1]!
    const unopened = last === ')' && !address.slice(0, end).includes('(')
    if (!unopened && !'.,;:!?*_]}'.includes(last)) break
  }
  return address.slice(0, end)
}

/** The address as the browser will read it, or null when it is none of the four kinds we open. */
export function safeAddress(address: string): string | null {
  try {
    const url = new URL(address)
    const says = /^https?:$/.test(url.protocol) ? url.hostname !== '' : url.pathname !== ''
    return SAFE_PROTOCOLS.has(url.protocol) && says ? url.href : null
  } catch {
    return null
  }
}

function pushText(pieces: Piece[], text: string): void {
  const last = pieces.at(-1)
  if (text === '') return
  if (last?.kind === 'text') pieces[pieces.length - 1] = { kind: 'text', text: last.text + text }
  else pieces.push({ kind: 'text', text })
}

/** The words alone, for places that would show the marks as they stand: as `rules/marks.py` sends them. */
export const plain = (text: string): string => format(text).map(bare).join('')

function bare(piece: Piece): string {
  if (piece.kind === 'break') return '\n'
  return 'children' in piece ? piece.children.map(bare).join('') : piece.text
}
