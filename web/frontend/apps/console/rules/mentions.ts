/** Colleagues named in a note by `@`: finding them while typing, and who a finished text names. */
import type { AgentOut, ChatOut, MentionOut, TeamOut } from '#shared/wire.gen'
import { match, type Match } from './fuzzy'

export interface Mentionable {
  kind: 'agent' | 'team'
  id: number
  name: string
  hue: number
  status: AgentOut['status'] | null
}

export interface MentionHit {
  item: Mentionable
  ranges: Match['ranges']
}

/** The name being typed: from the last `@` that begins a word up to the caret. Null when none is. */
export function mentionQuery(text: string, caret: number): { from: number; query: string } | null {
  const found = /(?:^|[\s([{"“‘])@([\p{L}\p{N}'’.-]*(?: [\p{L}\p{N}'’.-]*)?)$/u.exec(text.slice(0, caret))
  return found ? { from: caret - found[1]!.length - 1, query: found[1]! } : null
}

/** Who reads everything, whatever their teams. */
const READS_ALL = new Set(['supervisor', 'admin', 'analyst'])

/** Everybody who could open this chat, but oneself. The server looks again, for those who once had it. */
export function mentionable(
  chat: Pick<ChatOut, 'team' | 'owner' | 'ended_owner'>, agents: Iterable<AgentOut>, teams: readonly TeamOut[], myId: number
): Mentionable[] {
  const all = [...agents]
  const sees = (agent: AgentOut) =>
    READS_ALL.has(agent.role) || chat.team === null || agent.team_ids.includes(chat.team.id) || [chat.owner?.id, chat.ended_owner?.id].includes(agent.id)
  const people = all.filter(agent => agent.id !== myId && sees(agent)).map(({ id, name, hue, status }): Mentionable => ({ kind: 'agent', id, name, hue, status }))
  // A team is called whole, so one who may not look keeps it out.
  const whole = (team: TeamOut) => {
    const members = all.filter(agent => agent.team_ids.includes(team.id))
    return members.length > 0 && members.every(agent => agent.id === myId || sees(agent))
  }
  const groups = teams.filter(whole).map(({ id, name, hue }): Mentionable => ({ kind: 'team', id, name, hue, status: null }))
  return [...people.sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name)), ...groups]
}

const ORDER = { online: 0, away: 1, offline: 2 } as const
const order = ({ status }: Mentionable): number => (status === null ? 3 : ORDER[status])

const SHOWN = 8

export function searchMentions(query: string, items: readonly Mentionable[]): MentionHit[] {
  const hits = items.flatMap(item => {
    const found = match(query, item.name)
    return found ? [{ item, ranges: query ? found.ranges : [], score: found.score }] : []
  })
  return (query ? hits.sort((a, b) => b.score - a.score) : hits).slice(0, SHOWN)
}

/**
 * Who a text names: every `@Name` of somebody known, the longest name that fits. Where two share a name, the one that was
 * `chosen` from the list is meant, else the first.
 */
export function mentionsIn(text: string, known: readonly Mentionable[], chosen: readonly MentionOut[] = []): MentionOut[] {
  const isChosen = (item: Mentionable) => chosen.some(each => each.kind === item.kind && each.id === item.id)
  const byLength = [...known].sort((a, b) => b.name.length - a.name.length || Number(isChosen(b)) - Number(isChosen(a)))
  const found = new Map<string, MentionOut>()
  for (const at of text.matchAll(/@/g)) {
    const item = byLength.find(({ name }) => names(text, at.index, name))
    if (item) found.set(`${item.kind}/${item.id}`, { kind: item.kind, id: item.id, name: item.name })
  }
  return [...found.values()]
}

/** Does `@Name` stand at this place, as a word of its own? */
function names(text: string, at: number, name: string): boolean {
  const end = at + 1 + name.length
  return text.slice(at + 1, end) === name && !/[\p{L}\p{N}]/u.test(text[end] ?? '') && !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '')
}

export interface NoteSpan {
  text: string
  mention: MentionOut | null
}

/** A note cut where it names somebody, for the log to draw the names apart. */
export function spans(text: string, mentions: readonly MentionOut[]): NoteSpan[] {
  const byLength = mentions.toSorted((a, b) => b.name.length - a.name.length)
  const cut: NoteSpan[] = []
  let from = 0
  for (const at of text.matchAll(/@/g)) {
    const mention = byLength.find(({ name }) => names(text, at.index, name))
    if (!mention || at.index < from) continue
    if (at.index > from) cut.push({ text: text.slice(from, at.index), mention: null })
    from = at.index + 1 + mention.name.length
    cut.push({ text: text.slice(at.index, from), mention })
  }
  if (from < text.length || cut.length === 0) cut.push({ text: text.slice(from), mention: null })
  return cut
}
