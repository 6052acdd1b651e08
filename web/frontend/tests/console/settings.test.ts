import DurationField from '#shared/kit/forms/DurationField.svelte'
import SaveBar from '#shared/kit/forms/SaveBar.svelte'
import type { DeskSettings, ModelsOut, Rule, TeamUses } from '#shared/wire.gen'
import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { goToSettings, here } from '../../apps/console/place.svelte'
import { settingsFor } from '../../apps/console/rules/settings_pages'
import { differences, headline } from '../../apps/console/settings/audit/audit_words'
import { at, desk } from './fixtures'
import { leaveSettings, nowhere, openSettings, press, settle, SUPERVISES } from './settings_opened'
import { refusal } from './stand_ins'

const settings: DeskSettings = {
  ...desk, greeting: 'Hello', teaser: '', bot_name: 'Fern', bot_enabled: true, ask_name: true, pick_with_auto: true, hours: null,
  queue_max_s: 1800, first_reply_requeue: false, idle_warn_s: 300, idle_end_s: 600, idle_end_async_s: 86_400, owner_gone_s: 120, bot_idle_s: 900, sticky_s: 60,
  reopen_s: 900, promise_warn_s: 3600, failure_join_percent: 55, failure_pass_percent: 80, failure_reopen_count: 3,
  escalation_steps: [{ do: 'remind', after_s: 60, team_id: null }, { do: 'origin', after_s: 60, team_id: null }],
  escalation_in_hours: false, escalation_expected_s: 3600,
  escalation_texts: { escalated: null, accepted: null, back: null, later: null },
  escalation_texts_default: {
    escalated: '{agent} is passing your chat on to {target}. Expect an answer by {expected}.', accepted: '{agent} has your chat now.',
    back: '{agent} is still here.', later: 'Expect an answer by {expected}.'
  }
}

const open = (page: string, answers: Record<string, unknown>, permissions = SUPERVISES) => openSettings([page], answers, permissions)
const save = () => press('Save')

beforeEach(nowhere)
afterEach(leaveSettings)

describe('the save bar', () => {
  const props = { onsave: vi.fn(), ondiscard: vi.fn() }

  it('is there only while something is unsaved', async () => {
    const { rerender } = render(SaveBar, { dirty: false, ...props })
    expect(screen.queryByRole('region')).toBeNull()
    await rerender({ dirty: true, ...props })
    expect(screen.getByRole('region', { name: 'Unsaved changes' })).toBeTruthy()
  })

  it('saves by its key, while there is something to save', async () => {
    const onsave = vi.fn()
    const { rerender } = render(SaveBar, { ...props, dirty: true, onsave })
    expect(await fireEvent.keyDown(window, { key: 's', ctrlKey: true })).toBe(false)
    expect(onsave).toHaveBeenCalledOnce()
    await rerender({ ...props, dirty: true, busy: true, onsave })
    await fireEvent.keyDown(window, { key: 's', ctrlKey: true })
    expect(onsave).toHaveBeenCalledOnce()
  })
})

describe('a length of time in a form', () => {
  it('is read as it is written, and refused outside its limits', async () => {
    render(DurationField, { label: 'Wait', value: 1800, least: 60, most: 86_400 })
    const box = screen.getByLabelText<HTMLInputElement>('Wait')
    expect(box.value).toBe('30 min')
    await fireEvent.input(box, { target: { value: '1h30' } })
    expect(box.getAttribute('aria-invalid')).toBe('true')
    await fireEvent.input(box, { target: { value: '1 h 30 m' } })
    expect(screen.getByText('That is 1 hour 30 minutes.')).toBeTruthy()
    await fireEvent.blur(box)
    expect(box.value).toBe('1 hr 30 min')
    await fireEvent.input(box, { target: { value: '10 s' } })
    expect(screen.getByText('Choose between 1 min and 1 day.')).toBeTruthy()
  })
})

describe('the pages of the settings', () => {
  it('are those that a role may use', () => {
    const can = (given: string[]) => (permission: string) => given.includes(permission)
    expect(settingsFor(can(['chat.answer'])).map(page => page.id)).toEqual(['canned', 'notifications'])
    expect(settingsFor(can(SUPERVISES)).map(page => page.id)).not.toContain('agents')
  })

  it('name who may, where somebody may not', async () => {
    await open('agents', {})
    expect(screen.getByText('Only admins can change this. Ask one of them.')).toBeTruthy()
    expect(screen.queryByRole('link', { name: 'Agents' })).toBeNull()
  })
})

describe('what is kept', () => {
  const receipt = { id: 3, customer_id: 48, agent: null, agent_name: 'Isla Campbell', reason: 'By letter', chats: 2, messages: 31, files: 1, notes: 0, at: at(0) }

  it('shows a supervisor the receipts, and whom to ask about the rules', async () => {
    const { calls } = await open('keeping', { 'GET /erasures': { items: [receipt] } })
    expect(screen.getByText('No. 3, customer 48')).toBeTruthy()
    expect(screen.getByText('Only admins can change this. Ask one of them.')).toBeTruthy()
    expect(calls.map(each => each.path)).not.toContain('/retention')
  })

  it('switches a rule on only after saying what it would remove', async () => {
    const rule = { id: 5, what: 'files', channel_id: null, channel_name: null, after_days: 30, enabled: false, would_remove: 12, begins_at: at(86_400), ran_at: null, removed: 0 }
    const { of } = await open('keeping', { 'GET /retention': { items: [rule] } }, [...SUPERVISES, 'agent.manage'])
    await fireEvent.click(screen.getByRole('switch'))
    await settle()
    expect(of('PATCH')).toEqual([])
    expect(screen.getByText(/it would remove the files of 12 messages/)).toBeTruthy()
    await press('Switch on')
    await settle()
    expect(of('PATCH')).toEqual([{ method: 'PATCH', path: '/retention/5', body: { enabled: true } }])
  })
})

describe('the desk’s own page', () => {
  const answers = { 'GET /desk/settings': settings, 'PATCH /desk': (body: object) => ({ ...settings, ...body }) }
  const name = () => screen.getByLabelText<HTMLInputElement>(/Name of the desk/)

  it('saves what was changed and nothing else', async () => {
    const { of, frame } = await open('desk', answers)
    await fireEvent.input(name(), { target: { value: 'Fernhill' } })
    await save()
    await settle()
    expect(of('PATCH')).toEqual([{ method: 'PATCH', path: '/desk', body: { name: 'Fernhill' } }])
    expect(frame.toasts.items.map(each => each.text)).toEqual(['Saved'])
    expect(screen.queryByLabelText('Unsaved changes')).toBeNull()
  })

  it('marks the field that was refused, keeps the words, and goes there', async () => {
    await open('desk', { ...answers, 'PATCH /desk': refusal({ code: 'invalid', fields: { brand: ['Not a colour.'] } }) })
    const brand = screen.getByLabelText<HTMLInputElement>('Brand colour')
    await fireEvent.input(brand, { target: { value: '#123456' } })
    await save()
    await settle()
    expect(screen.getByText('Not a colour.')).toBeTruthy()
    expect(brand.value).toBe('#123456')
  })

  it('sends nothing that it can see to be wrong', async () => {
    const { of } = await open('desk', answers)
    await fireEvent.input(name(), { target: { value: '  ' } })
    await save()
    await settle()
    expect(screen.getByText('This can’t be empty.')).toBeTruthy()
    expect(of('PATCH')).toEqual([])
  })

  it('asks whoever leaves with unsaved changes, and lets them go when they say so', async () => {
    await open('desk', answers)
    await fireEvent.input(name(), { target: { value: 'Fernhill' } })
    goToSettings('timing')
    await settle()
    expect(here.setting).toBe('desk')
    await fireEvent.submit(screen.getByText('Discard and leave').closest('form')!)
    await settle()
    expect(here.setting).toBe('timing')
  })

  it('follows what somebody else saves, but not over one’s own words', async () => {
    let greeting = 'Hello'
    const { tell } = await open('desk', { ...answers, 'GET /desk/settings': () => ({ ...settings, name: 'Theirs', greeting }) })
    await fireEvent.input(name(), { target: { value: 'Mine' } })
    greeting = 'Good day'
    tell('catalogue:changed', { what: 'settings' })
    await settle()
    expect(screen.getByLabelText<HTMLTextAreaElement>(/Greeting/).value).toBe('Good day')
    expect(name().value).toBe('Mine')
  })
})

describe('the language model', () => {
  const model = { languages: 'English', dimensions: 384, megabytes: 650, package: 'small-model', available: true, fault: null, checked_at: at(0) }
  const models: ModelsOut = {
    current: 'all-MiniLM-L6-v2', change: null,
    models: [{ ...model, id: 'all-MiniLM-L6-v2' }, { ...model, id: 'universal-sentence-encoder-multilingual-3' }, { ...model, id: 'gone', available: false, fault: 'It is not installed.' }]
  }
  const change: NonNullable<ModelsOut['change']> = {
    id: 7, model_id: 'universal-sentence-encoder-multilingual-3', from_model_id: 'all-MiniLM-L6-v2', state: 'running', by_name: 'Sam', texts: 200, read: 50,
    fault: null, started_at: at(0), finished_at: null
  }
  const ADMIN = [...SUPERVISES, 'agent.manage']

  it('is changed after a question, shows how far it is as it is told, and can be cancelled', async () => {
    let now: ModelsOut = models
    const { of, tell } = await open('bot', {
      'GET /desk/settings': settings, 'GET /bot/models': () => now,
      'POST /bot/models/changes': () => (now = { ...models, change }),
      'POST /bot/models/changes/7/cancel': () => (now = { ...models, change: { ...change, state: 'cancelled', finished_at: at(9) } })
    }, ADMIN)
    expect(screen.getByText('In use').closest('li')!.textContent).toContain('all-MiniLM-L6-v2')
    expect(screen.getByText('It is not installed.')).toBeTruthy()
    await fireEvent.click(screen.getByLabelText('Use this model: gone'))
    expect(screen.queryByRole('dialog')).toBeNull()
    await fireEvent.click(screen.getByLabelText('Use this model: Many languages'))
    await settle()
    await fireEvent.submit(screen.getByText('Go over to the model “Many languages”?').closest('form')!)
    await settle()
    expect(of('POST')[0]).toEqual({ method: 'POST', path: '/bot/models/changes', body: { model_id: 'universal-sentence-encoder-multilingual-3' } })
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50')
    now = { ...models, change: { ...change, read: 150 } }
    tell('catalogue:changed', { what: 'model' })
    await settle()
    expect(screen.getByText('150 of 200 texts read')).toBeTruthy()
    await press('Cancel the change')
    await settle()
    expect(of('POST')[1]!.path).toBe('/bot/models/changes/7/cancel')
    expect(screen.queryByRole('progressbar')).toBeNull()
    expect(screen.getByText(/The change to “Many languages” was cancelled/)).toBeTruthy()
  })

  it('is for supervisors to see and for admins to change', async () => {
    await open('bot', { 'GET /desk/settings': settings, 'GET /bot/models': { ...models, change } })
    expect(screen.getByText('50 of 200 texts read')).toBeTruthy()
    expect(screen.queryByText('Cancel the change')).toBeNull()
    expect(screen.queryByLabelText(/Use this model/)).toBeNull()
    expect(screen.getByText('Only admins can change this. Ask one of them.')).toBeTruthy()
  })

  it('says what the limits of failed responses are, and sends none beyond them', async () => {
    const { of } = await open('bot', {
      'GET /desk/settings': settings, 'GET /bot/models': models, 'PATCH /desk': (body: object) => ({ ...settings, ...body })
    }, ADMIN)
    const alike = screen.getByLabelText<HTMLInputElement>('How alike questions of a cluster are, in percent')
    await fireEvent.input(alike, { target: { value: '20' } })
    expect(screen.queryByLabelText('Unsaved changes')).toBeNull()
    await fireEvent.input(alike, { target: { value: '65' } })
    await save()
    await settle()
    expect(of('PATCH')).toEqual([{ method: 'PATCH', path: '/desk', body: { failure_join_percent: 65 } }])
  })
})

describe('a team that is in use', () => {
  const team = {
    id: 3, name: 'Orders', hue: 262, archived: false, member_ids: [], waiting: 0, auto_assign: null, assign_policy: null, agent_limit: null,
    hours: null, first_reply_requeue: null
  }
  const inUse = (found: Partial<TeamUses>) => open('teams', {
    'GET /teams': { items: [team] }, 'GET /desk/settings': settings, 'POST /teams/3/archive': refusal({ code: 'team_in_use', uses: { chats: 0, rules: [], services: [], offers: 0, teams: [], ...found } })
  }).then(async opened => {
    goToSettings('teams', 3)
    await settle()
    await press('Archive')
    await settle()
    await fireEvent.click(within(screen.getByRole('dialog', { name: 'Archive Orders?' })).getByRole('button', { name: 'Archive' }))
    await settle()
    return opened
  })

  it('says what keeps it, and leads to what can be moved', async () => {
    const { of } = await inUse({ chats: 2, offers: 1, rules: ['Words about parcels'], teams: ['Billing', ''] })
    const said = screen.getByRole('alert')
    expect(said.textContent).toContain('2 open chats are with this team.')
    expect(within(said).getByRole('link', { name: 'To the inbox' }).getAttribute('href')).toBe('/inbox/queue')
    expect(said.textContent).toContain('1 escalation waits for this team.')
    expect(said.textContent).toContain('Escalations of Billing go on to it.')
    expect(said.textContent).toContain('The desk’s escalations go on to it.')
    expect(said.textContent).toContain('The routing rule “Words about parcels” sends chats to it.')
    expect(within(said).getByRole('link', { name: 'To the rules' }).getAttribute('href')).toBe('/settings/routing')
    expect(said.textContent).toContain('Move these first, then try again.')
    await fireEvent.click(within(screen.getByRole('dialog', { name: 'Archive Orders?' })).getByRole('button', { name: 'Archive' }))
    expect(of('POST')).toHaveLength(2)
  })

  it('names the services, which nobody can move yet, and does not ask again in vain', async () => {
    const { of } = await inUse({ services: ['Repotting', 'Returns'] })
    expect(screen.getByRole('alert').textContent).toContain('2 services of the assistant hand their chats to it: “Repotting” and “Returns”.')
    expect(screen.getByRole('alert').textContent).toContain('so Orders has to stay.')
    await fireEvent.click(within(screen.getByRole('dialog', { name: 'Archive Orders?' })).getByRole('button', { name: 'Archive' }))
    expect(of('POST')).toHaveLength(1)
  })
})

describe('the routing rules', () => {
  const rule = (id: number, label: string): Rule => ({
    id, name: label, enabled: true, conditions: [{ field: 'words', test: 'any_word', key: '', values: ['refund'] }], team_id: 1, priority: null
  })
  const list = (version: number, ...rules: Rule[]) => ({ rules, version, channels: [], teams: [{ id: 1, name: 'Payments' }], services: [] })
  const shown = () => [...document.querySelectorAll('[data-rule] strong')].map(each => each.firstChild?.textContent)

  it('are moved by buttons and by keys, and saved as one list', async () => {
    const { of } = await open('routing', {
      'GET /routing': list(4, rule(1, 'First'), rule(2, 'Second')), 'PUT /routing': (body: { rules: Rule[] }) => ({ ...list(5, ...body.rules) })
    })
    expect(shown()).toEqual(['First', 'Second'])
    await fireEvent.click(screen.getByLabelText('Move First down'))
    await settle()
    expect(shown()).toEqual(['Second', 'First'])
    await fireEvent.keyDown(screen.getByLabelText('Move First up'), { key: 'ArrowUp', altKey: true })
    await settle()
    expect(shown()).toEqual(['First', 'Second'])
    await fireEvent.click(screen.getByLabelText('Use Second'))
    await save()
    await settle()
    const body = of('PUT')[0]!.body as { rules: Rule[]; version: number }
    expect([body.version, body.rules.map(each => [each.id, each.enabled])]).toEqual([4, [[1, true], [2, false]]])
  })

  it('keep one’s edits when somebody else has saved, and offer theirs', async () => {
    let served = list(4, rule(1, 'First'), rule(2, 'Second'))
    await open('routing', { 'GET /routing': () => served, 'PUT /routing': refusal({ code: 'stale', version: 5 }) })
    await fireEvent.click(screen.getByLabelText('Remove Second'))
    served = list(5, rule(3, 'Theirs'))
    await save()
    await settle()
    expect(screen.getByText('Somebody else saved the rules.')).toBeTruthy()
    expect(shown()).toEqual(['First'])
    await press('Discard mine, show theirs')
    await settle()
    expect(shown()).toEqual(['Theirs'])
    expect(screen.queryByLabelText('Unsaved changes')).toBeNull()
  })

  it('saves mine over theirs when asked to: a rule that they removed becomes a new one', async () => {
    let served = list(4, rule(1, 'First'), rule(2, 'Second'))
    const { of } = await open('routing', {
      'GET /routing': () => served,
      'PUT /routing': (body: { rules: Rule[]; version: number }) => {
        if (body.version !== served.version) throw refusal({ code: 'stale', version: served.version })
        return list(6, ...body.rules.map((each, i) => ({ ...each, id: each.id ?? 10 + i })))
      }
    })
    await fireEvent.click(screen.getByLabelText('Use Second'))
    served = list(5, rule(1, 'First'))
    await save()
    await settle()
    await press('Save mine over theirs')
    await settle()
    const body = of('PUT').at(-1)!.body as { rules: Rule[]; version: number }
    expect([body.version, body.rules.map(each => each.id)]).toEqual([5, [1, null]])
  })
})

describe('what was changed, in words', () => {
  const names = { agent: (id: number) => (id === 1 ? 'Maya' : undefined), team: (id: number) => (id === 2 ? 'Payments' : undefined) }
  const entry = { id: 1, agent: null, agent_name: 'Rosa', what: 'changed', target: 'team', target_id: '2', target_name: 'Payments', at: at(0) }

  it('says who did what to which', () => {
    expect(headline(entry)).toBe('changed the team Payments')
    expect(headline({ what: 'changed', target: 'desk', target_name: 'Fernhill' })).toBe('changed the desk’s settings')
    expect(headline({ what: 'polished', target: 'brass_lamp', target_name: 'A' })).toBe('polished: brass lamp A')
  })

  it('makes names of numbers, and times of seconds', () => {
    expect(differences({
      before: { queue_max_s: null, member_ids: [1], auto_assign: false }, after: { queue_max_s: 1800, member_ids: [1, 9], auto_assign: true }
    }, names)).toEqual([
      { name: 'Longest wait', before: 'as usual', after: '30 min' },
      { name: 'Members', before: 'Maya', after: 'Maya and #9' },
      { name: 'Give out automatically', before: 'No', after: 'Yes' }
    ])
  })

  it('says of something new only what it has', () => {
    expect(differences({ before: null, after: { name: 'Refund', hue: 200, hint: '', promises: false, choices: [] } }, names)).toEqual([
      { name: 'Name', before: null, after: 'Refund' }, { name: 'Colour', before: null, after: 'Teal' }
    ])
  })

  it('shows of the rules only those that differ, and the order where it does', () => {
    const rule = (name: string, team_id: number | null) => ({ name, enabled: true, conditions: [], team_id, priority: null })
    expect(differences({ before: { rules: [rule('A', 2), rule('B', 2), rule('C', 2)] }, after: { rules: [rule('B', 2), rule('A', null)] } }, names)).toEqual([
      { name: 'A', before: 'to Payments', after: 'Every inquiry' },
      { name: 'C', before: 'to Payments', after: null },
      { name: 'Order', before: 'A, B', after: 'B, A' }
    ])
  })
})
