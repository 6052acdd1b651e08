/** The life of a corrected message: it was written, edited, deleted, each time by somebody, with what it said from then on. */
import type { AgentBrief, MessageOut, VersionOut } from '#shared/wire.gen'

export interface Step {
  how: 'written' | VersionOut['how']
  by: Pick<AgentBrief, 'name' | 'hue'> | null
  at: string
  /** Null: nothing was left of it. */
  words: { body: string; files: readonly string[] } | null
}

/** A version holds what was replaced and who replaced it: what a step led to stands in the next one, at last in the message. */
export function stepsOf(message: MessageOut, versions: readonly VersionOut[]): Step[] {
  const now = { body: message.body, files: message.data.attachments?.map(each => each.name) ?? [] }
  const after = (at: number) => versions[at] ?? now
  return [
    { how: 'written', by: message.author, at: message.created_at, words: after(0) },
    ...versions.map(({ how, by, replaced_at }, at): Step => ({ how, by, at: replaced_at, words: how === 'deleted' ? null : after(at + 1) }))
  ]
}
