/**
 * What this agent may do with this chat now. The server decides; this only keeps buttons honest
 * between a change and the next answer.
 */
import type { AgentOut, ChatOut } from '#shared/wire.gen'
import { takeable } from './escalating'

export type Permission =
  | 'chat.read' | 'chat.answer' | 'chat.read_all' | 'chat.supervise' | 'history.read' | 'history.export' | 'history.export' | 'desk.edit' | 'agent.manage' | 'report.read' | 'broadcast.prepare' | 'broadcast.send' | 'failure.review' | 'knowledge.edit'

export interface Allowed {
  start: boolean
  takeover: boolean
  reply: boolean
  note: boolean
  tag: boolean
  assign: boolean
  /** Another team or priority */
  move: boolean
  giveBack: boolean
  end: boolean
  /** Offer it to somebody else, and keep it meanwhile */
  escalate: boolean
  /** Accept or reject what is offered */
  accept: boolean
  /** Take the offer back */
  cancel: boolean
  /** Write first, in a new chat of the same issue */
  followUp: boolean
}

/** Notes and tags are still taken this long after the end. */
const LATE_MS = 72 * 3_600_000

type Asked = Pick<ChatOut, 'state' | 'owner' | 'ended_at' | 'escalation'>

export function allowed(chat: Asked, agent: Pick<AgentOut, 'id' | 'team_ids'>, can: (permission: Permission) => boolean, now: number): Allowed {
  const answers = can('chat.answer')
  const supervises = can('chat.supervise')
  const owns = chat.owner?.id === agent.id
  const open = chat.state !== 'ended'
  const inTime = open || (chat.ended_at !== null && now - Date.parse(chat.ended_at) < LATE_MS)
  const withAgent = chat.state === 'active' || chat.state === 'escalated'
  return {
    start: answers && chat.state === 'queued',
    takeover: answers && supervises && (chat.state === 'bot' || (withAgent && chat.owner !== null && !owns)),
    reply: owns && withAgent,
    note: (answers || supervises) && inTime,
    tag: (answers || supervises) && inTime,
    assign: (owns || supervises) && chat.state === 'active',
    move: supervises && (chat.state === 'queued' || withAgent),
    giveBack: (owns || supervises) && chat.state === 'active',
    end: (owns && withAgent) || (supervises && (withAgent || chat.state === 'queued')),
    escalate: (owns || supervises) && chat.state === 'active',
    accept: answers && takeable(chat, { ...agent, supervises }),
    cancel: (owns || supervises) && chat.state === 'escalated',
    followUp: answers && chat.state === 'ended'
  }
}

export type Obstacle = 'full' | 'away' | 'offline' | 'disconnected'

/** Why this agent cannot take one more chat now, or null. */
export function obstacle(agent: { status: string; limit: number }, load: number, connected: boolean): Obstacle | null {
  if (!connected) return 'disconnected'
  if (agent.status === 'offline' || agent.status === 'away') return agent.status
  return load >= agent.limit ? 'full' : null
}
