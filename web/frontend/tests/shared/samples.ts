/** Whole shapes of the wire, with what a test cares about put in. */
import type { ChatOut, MessageOut, VisitorChat, VisitorMessage } from '#shared/wire.gen'

const AT = '2026-11-14T16:02:00+00:00'

export function chatOut(parts: Partial<ChatOut> = {}): ChatOut {
  return {
    id: 1,
    session_id: 1,
    previous_chat_id: null,
    state: 'active',
    version: 1,
    pub_seq: 0,
    all_seq: 0,
    customer: { id: 5, name: 'Adaeze', hue: 25, verified: false, online: true, blocked: false },
    channel: { id: 1, kind: 'web', name: 'Website' },
    team: null,
    owner: null,
    ended_owner: null,
    priority: 0,
    first_message: 'Hello',
    last_message: null,
    unread: 0,
    agent_read_seq: 0,
    customer_read_seq: 0,
    customer_delivered_seq: 0,
    tags: [],
    created_at: AT,
    queued_at: AT,
    entered_state_at: AT,
    first_replied_at: null,
    ended_at: null,
    end_cause: null,
    end_reason: null,
    end_note: null,
    rating: null,
    rating_comment: null,
    reply_by_email: false,
    escalation: null,
    ...parts
  }
}

export function messageOut(seq: number, parts: Partial<MessageOut> = {}): MessageOut {
  return {
    id: 100 + seq,
    chat_id: 1,
    kind: 'text',
    author: { kind: 'customer', id: 5, name: 'Adaeze', hue: 25 },
    body: `message ${seq}`,
    data: {},
    client_id: null,
    all_seq: seq,
    pub_seq: seq,
    created_at: AT,
    edited_at: null,
    deleted_at: null,
    delivery: null,
    ...parts
  }
}

export function visitorChat(parts: Partial<VisitorChat> = {}): VisitorChat {
  return {
    id: 1,
    previous_chat_id: null,
    state: 'queued',
    version: 1,
    pub_seq: 0,
    agent: null,
    team_name: null,
    agent_read_seq: 0,
    created_at: AT,
    ended_at: null,
    rating: null,
    reply_by_email: false,
    ...parts
  }
}

export function visitorMessage(seq: number, parts: Partial<VisitorMessage> = {}): VisitorMessage {
  return {
    id: 100 + seq,
    chat_id: 1,
    kind: 'text',
    author: { kind: 'customer', name: 'You', hue: 25 },
    body: `message ${seq}`,
    data: {},
    client_id: null,
    pub_seq: seq,
    created_at: AT,
    edited_at: null,
    deleted_at: null,
    ...parts
  }
}
