import type { ApiKeyOut, WebhookDeliveryOut, WebhookOut } from '#shared/wire.gen'
import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { here } from '../../apps/console/place.svelte'
import { answerOf, eventGroups, healthOf, scopeGroups } from '../../apps/console/settings/integrations/integration_words'
import { at } from './fixtures'
import { leaveSettings, nowhere, openSettings, press, settle } from './settings_opened'
import { refusal } from './stand_ins'

const key: ApiKeyOut = {
  id: 3, name: 'CRM', prefix: 'parley_ab12cd', scopes: ['chats:read', 'customers:read'], state: 'on',
  agent: { id: 1, name: 'Priya Raman', hue: 262 }, made_by: null, created_at: at(0), expires_at: null, last_used_at: null, revoked_at: null
}
const hook: WebhookOut = {
  id: 5, name: 'Warehouse', url: 'https://warehouse.example/hooks', secret_tail: 'x9k=', events: ['chat.started', 'chat.ended'], internal: false,
  state: 'on', failures: 0, failing_since: null, rest_until: null, last_at: null, waiting: 0, dead: 0, created_at: at(0), version: 1
}
const delivery: WebhookDeliveryOut = {
  id: 9, event: 'chat.ended', event_id: 'entry_77', chat_id: 41, subject_id: null, state: 'dead', attempts: 6, due_at: at(0), status: 500,
  fault: null, took_ms: 120, created_at: at(0), settled_at: at(1)
}

const open = (place: [string, number?], answers: Record<string, unknown>, permissions = ['chat.read', 'desk.edit', 'agent.manage']) => openSettings(place, answers, permissions)

beforeEach(nowhere)
afterEach(leaveSettings)

describe('API keys', () => {
  it('are for admins alone', async () => {
    const { calls } = await open(['api-keys'], {}, ['chat.read', 'desk.edit'])
    expect(screen.getByText('Only admins can change this. Ask one of them.')).toBeTruthy()
    expect(calls.filter(each => each.path === '/api-keys')).toEqual([])
  })

  it('say that there are none, and that they could not be read', async () => {
    await open(['api-keys'], {})
    expect(screen.getByText('No keys yet')).toBeTruthy()
    leaveSettings()
    vi.spyOn(globalThis.console, 'error').mockImplementation(() => undefined)
    await open(['api-keys'], { 'GET /api-keys': new Error('down') })
    expect(screen.queryByText('No keys yet')).toBeNull()
    expect(screen.getByText('This didn’t load')).toBeTruthy()
  })

  it('are made with at least one scope and shown once', async () => {
    const { of } = await open(['api-keys'], { 'POST /api-keys': { key, token: 'parley_ab12cdSECRET' } })
    await press('New key')
    await press('Make the key')
    expect(screen.getByText('Choose at least one scope.')).toBeTruthy()
    expect(of('POST')).toEqual([])
    await fireEvent.input(screen.getByLabelText(/^Name/), { target: { value: ' CRM ' } })
    await fireEvent.click(screen.getByLabelText('Read chats'))
    await fireEvent.click(screen.getByLabelText('Read customers'))
    await press('Make the key')
    expect(of('POST')).toEqual([{ method: 'POST', path: '/api-keys', body: { name: 'CRM', scopes: ['chats:read', 'customers:read'], agent_id: null, expires_at: expect.any(String) } }])
    const { expires_at: ends } = of('POST')[0]!.body as { expires_at: string }
    expect(Math.round((Date.parse(ends) - Date.now()) / 86_400_000)).toBe(365)
    expect(screen.getByText('parley_ab12cdSECRET')).toBeTruthy()
    await press('I have it')
    await settle()
    expect(screen.queryByText('parley_ab12cdSECRET')).toBeNull()
  })

  it('are revoked after a question', async () => {
    const { of } = await open(['api-keys'], { 'GET /api-keys': { items: [key] }, 'DELETE /api-keys/3': { items: [{ ...key, state: 'revoked' }] } })
    expect(screen.getByText('chats:read')).toBeTruthy()
    await fireEvent.click(screen.getByLabelText('Revoke CRM'))
    await settle()
    expect(of('DELETE')).toEqual([])
    await fireEvent.click(within(screen.getByRole('dialog')).getByText('Revoke').closest('button')!)
    await settle()
    expect(of('DELETE').map(each => each.path)).toEqual(['/api-keys/3'])
    expect(screen.getByText('Revoked')).toBeTruthy()
    expect(screen.queryByLabelText('Revoke CRM')).toBeNull()
  })
})

describe('webhooks', () => {
  it('are made; an address that is refused is marked; the secret is shown and the page goes on to the webhook', async () => {
    const { of, answers } = await open(['webhooks'], {
      'POST /webhooks': refusal({ code: 'bad_url', fields: { url: ['Only the ports 443, 80, 8443 are asked.'] } })
    })
    await press('New webhook')
    await fireEvent.input(screen.getByLabelText(/^Name/), { target: { value: 'Warehouse' } })
    await fireEvent.input(screen.getByLabelText(/^Address/), { target: { value: 'https://warehouse.example:22/' } })
    await press('Add')
    expect(screen.getByText('Only the ports 443, 80, 8443 are asked.')).toBeTruthy()
    answers['POST /webhooks'] = { webhook: hook, secret: 'whsec_once' }
    await fireEvent.input(screen.getByLabelText(/^Address/), { target: { value: hook.url } })
    await press('Add')
    expect(of('POST').at(-1)!.body).toEqual({ name: 'Warehouse', url: hook.url, events: ['chat.started', 'chat.ended'], internal: false })
    expect(screen.getByText('whsec_once')).toBeTruthy()
    await press('I have it')
    await settle()
    expect(here.settingItem).toBe('5')
  })

  it('offer notes only where notes may leave', async () => {
    await open(['webhooks', 5], { 'GET /webhooks': { items: [hook] } })
    await press('Edit webhook')
    expect(screen.queryByLabelText('Note written')).toBeNull()
    await fireEvent.click(screen.getByLabelText('Internal notes'))
    await settle()
    await fireEvent.click(screen.getByLabelText('Note written'))
    await fireEvent.click(screen.getByLabelText('Internal notes'))
    await settle()
    expect(screen.queryByLabelText('Note written')).toBeNull()
  })

  it('are tried, paused and told again what was given up', async () => {
    const { of, answers, tell } = await open(['webhooks', 5], {
      'GET /webhooks': { items: [{ ...hook, dead: 1 }] }, 'GET /webhooks/5/deliveries': { items: [delivery], more: false }, 'POST /webhooks/5/replay': { count: 1 }
    })
    expect(screen.getByText('Status 500')).toBeTruthy()
    expect(screen.getByText(/6 attempts/)).toBeTruthy()
    await press('Send a test')
    await press('Replay given up')
    await fireEvent.click(screen.getByLabelText('Replay Chat ended, no. 9'))
    await settle()
    expect(of('POST').map(each => each.path)).toEqual(['/webhooks/5/test', '/webhooks/5/replay', '/webhooks/5/deliveries/9/replay'])
    answers['GET /webhooks'] = { items: [{ ...hook, state: 'paused' }] }
    await press('Pause')
    expect(of('PATCH')).toEqual([{ method: 'PATCH', path: '/webhooks/5', body: { state: 'paused' } }])
    expect(screen.getByText('Switch on')).toBeTruthy()
    answers['GET /webhooks'] = { items: [{ ...hook, state: 'off' }] }
    tell('catalogue:changed', { what: 'webhooks' })
    await settle()
    expect(screen.getByText('Warehouse was switched off')).toBeTruthy()
  })

  it('that were removed meanwhile say so', async () => {
    await open(['webhooks', 6], { 'GET /webhooks': { items: [hook] } })
    expect(screen.getByText('This webhook isn’t here any more')).toBeTruthy()
  })
})

describe('the words', () => {
  it('name every scope and every kind of news, once', () => {
    const scopes = scopeGroups().flatMap(group => group.options)
    const events = eventGroups(true).flatMap(group => group.options)
    for (const all of [scopes, events]) {
      expect(new Set(all.map(each => each.value)).size).toBe(all.length)
      expect(all.every(each => !each.label.includes('.') && !each.label.includes(':'))).toBe(true)
    }
    expect(eventGroups(false).flatMap(group => group.options).map(each => each.value)).not.toContain('note.created')
  })

  it('tell how a webhook does and what became of a delivery', () => {
    expect(healthOf(hook)).toEqual({ tone: 'ok', label: 'Works' })
    expect(healthOf({ ...hook, failures: 2 })).toEqual({ tone: 'warn', label: 'Failed 2 times in a row' })
    expect(healthOf({ ...hook, state: 'off', failures: 2 }).tone).toBe('bad')
    expect(answerOf(delivery)).toBe('Status 500')
    expect(answerOf({ ...delivery, status: null, fault: 'timeout' })).toBe('No answer in time')
    expect(answerOf({ ...delivery, status: null, fault: null })).toBe('')
  })
})
