/** An article's text as paragraphs, headings and lists. Markup inside a line is the formatter's business. */
export type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'heading'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'steps'; items: string[] }

const HEADING = /^#{1,6}\s+(.*)$/
const BULLET = /^[-*•]\s+(.*)$/
const STEP = /^\d+[.)]\s+(.*)$/

export function blocksOf(body: string): Block[] {
  const blocks: Block[] = []
  let open = false // whether the next plain line goes on with the last paragraph
  for (const line of body.split('\n').map(each => each.trim())) {
    const last = blocks.at(-1)
    const [heading, bullet, step] = [HEADING, BULLET, STEP].map(shape => shape.exec(line)?.[1])
    if (heading) blocks.push({ kind: 'heading', text: heading })
    else if (bullet) addItem(blocks, 'list', bullet)
    else if (step) addItem(blocks, 'steps', step)
    else if (line && open && last?.kind === 'paragraph') last.text += ` ${line}`
    else if (line) blocks.push({ kind: 'paragraph', text: line })
    open = line !== '' && !heading && !bullet && !step
  }
  return blocks
}

function addItem(blocks: Block[], kind: 'list' | 'steps', item: string): void {
  const last = blocks.at(-1)
  if (last?.kind === kind) last.items.push(item)
  else blocks.push({ kind, items: [item] })
}
