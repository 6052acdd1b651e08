/** Offers and what they can be made to, for tests to change a field or two of. */
import type { ChatOut, EscalationOut, EscalationTargets } from '#shared/wire.gen'
import { agent, at, chat } from './fixtures'

export const maya = { id: 1, name: 'Maya Lindholm', hue: 340 }
export const femi = { id: 2, name: 'Femi Adebayo', hue: 25 }
export const tom = { id: 3, name: 'Tom Ashworth', hue: 120 }
export const payments = { id: 1, name: 'Payments', hue: 262 }
export const cards = { id: 2, name: 'Cards', hue: 25 }

/** From Femi to the team of whoever reads; two minutes to accept it. */
export const offer = (over: Partial<EscalationOut> = {}): EscalationOut => ({
  id: 9, chat_id: 1, state: 'pending', origin: femi, by: null, agent: null, team: payments, supervisors: false,
  note: 'Debited twice. I checked both statements.', expected_at: at(3600), made_at: at(0), due_at: at(120), reminded_at: null,
  looked: [], declined: [], decided_at: null, decided_by: null, reason: null, reason_note: '', ...over
})

export const escalated = (over: Partial<EscalationOut> = {}, more: Partial<ChatOut> = {}): ChatOut =>
  chat({ id: 1, state: 'escalated', owner: femi, escalation: offer(over), ...more })

export const targets: EscalationTargets = {
  teams: [
    { ...payments, online: 2, free: 1, open: true, opens_at: null, expected_s: 1800, accept_s: 120, why_not: null },
    { ...cards, online: 1, free: 0, open: true, opens_at: null, expected_s: 7200, accept_s: 120, why_not: 'no_agents' },
    { id: 4, name: 'Loans', hue: 75, online: 0, free: 0, open: true, opens_at: null, expected_s: 3600, accept_s: 120, why_not: 'empty_team' }
  ],
  agents: [
    { agent: agent({ id: 3, name: 'Tom Ashworth' }), why_not: null },
    { agent: agent({ id: 5, name: 'Priya Raman', status: 'offline' }), why_not: 'target_offline' },
    { agent: agent({ id: 6, name: 'Mateusz Zieliński', load: 5 }), why_not: 'target_at_capacity' }
  ],
  expected_s: 3600,
  time_zone: null
}
