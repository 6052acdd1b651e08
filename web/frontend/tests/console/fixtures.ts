/** Small whole rows of the wire, for tests to change a field or two of. */
import type { AgentOut, CannedOut, ChatOut, CustomerOut, DeskOut, MeOut, MessageOut, OverviewOut } from '#shared/wire.gen'

export const START = Date.parse('2026-03-02T09:00:00Z')
export const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString()

export const desk: DeskOut = {
  name: 'Northbank Support', brand: '#285bd8', auto_assign: true, agent_limit: 5,
  wait_warn_s: 120, wait_late_s: 300, first_reply_s: 60, alarm_wait_s: 600, promise_s: 86400, promise_warn_s: 3600,
  assign_policy: 'least_loaded', mail: true,
  uploads: { most_bytes: 5_242_880, most_files: 10, extensions: ['png', 'jpg', 'pdf'], scanned: false },
  updated_at: at(0)
}

export const agent = (over: Partial<AgentOut> = {}): AgentOut => ({
  id: 1, name: 'Maya Lindholm', hue: 340, email: 'maya@northbank.example', role: 'agent', status: 'online',
  chosen_status: 'online', load: 1, limit: 5, team_ids: [1], ...over
})

export const me = (over: Partial<MeOut> = {}): MeOut => ({
  agent: agent(), desk, permissions: ['chat.read', 'chat.answer', 'history.read'], csrf_token: 'csrf', ...over
})

export const overview = (over: Partial<OverviewOut> = {}): OverviewOut => ({
  queue: 0, mine: 0, escalations: 0, mentions: 0, promises: 0, drafts: [], desk, teams: [], agents: [], ...over
})

export const chat = (over: Partial<ChatOut> = {}): ChatOut => ({
  id: 1, session_id: 1, previous_chat_id: null, state: 'queued', version: 1, pub_seq: 1, all_seq: 1,
  customer: { id: 7, name: 'Adaeze Okonkwo', hue: 262, verified: true, online: true, blocked: false },
  channel: { id: 1, kind: 'web', name: 'Website' },
  team: { id: 1, name: 'Payments', hue: 262 }, owner: null, ended_owner: null, priority: 0,
  first_message: 'I sent money to the wrong account', last_message: null, unread: 0,
  agent_read_seq: 0, customer_read_seq: 0, customer_delivered_seq: 0, tags: [],
  created_at: at(0), queued_at: at(0), entered_state_at: at(0), first_replied_at: null,
  ended_at: null, end_cause: null, end_reason: null, end_note: null, rating: null, rating_comment: null,
  reply_by_email: false, escalation: null, ...over
})

export const message = (seq: number, over: Partial<MessageOut> = {}): MessageOut => ({
  id: seq, chat_id: 1, kind: 'text', author: { kind: 'customer', id: 7, name: 'Adaeze Okonkwo', hue: 262 },
  body: `Message ${seq}`, data: {}, client_id: null, all_seq: seq, pub_seq: seq, created_at: at(seq),
  edited_at: null, deleted_at: null, delivery: null, ...over
})

export const customer: CustomerOut = {
  id: 7, name: 'Adaeze Okonkwo', hue: 262, verified: true, online: true, blocked: false, email: 'adaeze@mail.example', phone: null,
  language: 'en', location: 'Lagos', time_zone: 'Africa/Lagos', browser: 'Chrome', device: 'Android phone', page: '/transfers',
  referrer: null, since: at(-86400), erased_at: null, broadcasts_off_at: null, chats: 1, identities: [], joins: [], asked: null, attributes: {}, notes: [], block: null
}

const ours = {
  scope: 'desk', team: null, owner: null, attachments: [], uses: 0, last_used_at: null, updated_at: at(0), editable: false
} as const

export const canned: CannedOut[] = [
  { id: 1, shortcut: 'hello', title: 'Greeting', body: 'Hi {{customer.name}}, I’m {{agent.name}}.', ...ours, attachments: [] },
  { id: 2, shortcut: 'recall', title: 'Transfer recall filed', body: 'Your case number is {{case_id}}.', ...ours, attachments: [] },
  { id: 3, shortcut: 'receipt', title: 'Ask for the receipt', body: 'Could you send the receipt?', ...ours, attachments: [] }
]
