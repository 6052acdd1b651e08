/** Who a chat may be handed to, and why not to the others. */
import type { AgentOut } from '#shared/wire.gen'

export type NotNow = 'full' | 'away' | 'offline'

type Seat = Pick<AgentOut, 'status' | 'load' | 'limit'>

/** Null for somebody who can take one more chat now. */
export function notNow(agent: Seat): NotNow | null {
  if (agent.status !== 'online') return agent.status
  return agent.load >= agent.limit ? 'full' : null
}

/** The same as a rule: a supervisor may fill somebody beyond their limit, if they are online. */
export function hindrance(agent: Seat, supervises: boolean): NotNow | null {
  const why = notNow(agent)
  return why === 'full' && supervises ? null : why
}

/** Everybody who answers chats but the owner: those with room first, the freest of them on top. */
export function assignable(agents: readonly AgentOut[], ownerId: number | null): AgentOut[] {
  return agents
    .filter(agent => agent.id !== ownerId && agent.role !== 'analyst')
    .sort((a, b) => order(a) - order(b) || a.load / a.limit - b.load / b.limit || a.name.localeCompare(b.name))
}

const ORDER = ['full', 'away', 'offline'] as const

function order(agent: AgentOut): number {
  const why = notNow(agent)
  return why === null ? -1 : ORDER.indexOf(why)
}
