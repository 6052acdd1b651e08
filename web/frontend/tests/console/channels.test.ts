import type { ChannelAdmin, ChannelField, ChannelKind, TemplateList, TemplateOut } from '#shared/wire.gen'
import { fireEvent, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { here } from '../../apps/console/place.svelte'
import { at } from './fixtures'
import { leaveSettings, nowhere, openSettings, press, settle } from './settings_opened'
import { refusal } from './stand_ins'

const field: Omit<ChannelField, 'name' | 'label'> = { kind: 'text', help: '', required: true, default: null, choices: [], most: 200 }
const kind: ChannelKind = {
  kind: 'telegram', title: 'Telegram', blurb: 'A bot of your own.', docs: 'telegram',
  fields: [{ ...field, name: 'token', label: 'Bot token', kind: 'secret' }, { ...field, name: 'greets', label: 'Greets', kind: 'flag', required: false, default: true }],
  can: { longest: 4096, media: { image: 5_000_000 }, caption: 1024, buttons: 3, window_h: null, templates: false, receipts: 'sent', edits: true, deletes: true, deletes_h: 48, quotes: true, subjects: false, formats: false, live: false }
}
const channel: ChannelAdmin = {
  id: 4, kind: 'telegram', name: 'Our bot', public_key: 'k', address: 'https://desk.example/hooks/telegram/k', sites: [], settings: { greets: false }, secret_tails: { token: '9xYz' },
  notes: {}, state: 'working', paused_why: null, checking: false, checked_at: at(0), last_in_at: at(0), last_out_at: null, error: null, error_at: null,
  lost: 1, unread: 1, waiting: 2, version: 7
}
const website: ChannelAdmin = { ...channel, id: 1, kind: 'web', name: 'Fernhill shop', address: 'https://desk.example/w.js', sites: ['https://fernhill.example'], version: 3 }
const lost = {
  out: [{ id: 11, chat_id: 41, message_id: 5, customer: 'Adaeze Okonkwo', body: 'It is on its way.', correction: null, state: 'unknown', code: null, error: 'The line broke.', at: at(1) }],
  came: [{ id: 12, sender: '552', error: 'No such thing.', attempts: 5, at: at(2) }]
}
const answers = { 'GET /channels': { items: [channel] }, 'GET /channels/kinds': { items: [kind] }, 'GET /channels/4/lost': lost }

beforeEach(nowhere)
afterEach(leaveSettings)

describe('the list of channels', () => {
  it('says that there is only the website, and connects one by its own form', async () => {
    const { of } = await openSettings(['channels'], { ...answers, 'GET /channels': { items: [] }, 'POST /channels': channel })
    expect(screen.getByText('Only your website is connected')).toBeTruthy()
    await press('Connect a channel')
    await press('Next')
    await press('Connect')
    expect(of('POST')).toEqual([]) // without its secret nothing is asked
    expect(screen.getByLabelText(/Bot token/).getAttribute('aria-invalid')).toBe('true')
    await fireEvent.input(screen.getByLabelText(/Bot token/), { target: { value: '123:abc' } })
    await press('Connect')
    expect(of('POST')).toEqual([{ method: 'POST', path: '/channels', body: { kind: 'telegram', name: 'Telegram', filled: { token: '123:abc', greets: true } } }])
    expect(here.settingItem).toBe('4')
  })

  it('says which one is not working, and why', async () => {
    await openSettings(['channels'], { ...answers, 'GET /channels': { items: [{ ...channel, state: 'broken', error: 'Unauthorized' }] } })
    expect(screen.getByText('Our bot isn’t working')).toBeTruthy()
    expect(screen.getByText('Unauthorized')).toBeTruthy()
  })

  it('leads to each of them, the website among them', async () => {
    await openSettings(['channels'], { ...answers, 'GET /channels': { items: [website, channel] } })
    expect(screen.getByText('The chat on your website')).toBeTruthy()
    expect(screen.getByText('Fernhill shop').closest('a')?.getAttribute('href')).toBe('/settings/channels/1')
    expect(screen.getByText('Our bot').closest('a')?.getAttribute('href')).toBe('/settings/channels/4')
  })

  it('is for those who may edit the desk', async () => {
    const { calls } = await openSettings(['channels'], answers, ['chat.read'])
    expect(calls.filter(each => each.path.startsWith('/channels'))).toEqual([])
  })
})

describe('one channel', () => {
  it('is tested and paused, and follows what is told', async () => {
    const { of, answers: told, tell } = await openSettings(['channels', 4], { ...answers })
    await press('Test the connection')
    await press('Pause')
    expect(of('POST').map(each => each.path)).toEqual(['/channels/4/test', '/channels/4/pause'])
    told['GET /channels'] = { items: [{ ...channel, state: 'paused', paused_why: 'unauthorized' }] }
    tell('catalogue:changed', { what: 'channels' })
    await settle()
    expect(screen.getByText('The provider no longer accepts the secret')).toBeTruthy()
    await press('Resume')
    expect(of('POST').at(-1)?.path).toBe('/channels/4/resume')
  })

  it('keeps a secret that nobody touched, and never shows it', async () => {
    const { of } = await openSettings(['channels', 4], { ...answers, 'PATCH /channels/4': channel })
    await press('Edit')
    const token = screen.getByLabelText<HTMLInputElement>(/Bot token/)
    expect([token.value, token.placeholder, token.type]).toEqual(['', 'Kept, ends in 9xYz', 'password'])
    await fireEvent.click(screen.getByLabelText('Greets'))
    await press('Save')
    expect(of('PATCH')).toEqual([{ method: 'PATCH', path: '/channels/4', body: { name: 'Our bot', version: 7, filled: { greets: true } } }])
  })

  it('says at the field what the provider will not have', async () => {
    await openSettings(['channels', 4], { ...answers, 'PATCH /channels/4': refusal({ code: 'invalid', fields: { token: ['Not a token.'] } }) })
    await press('Edit')
    await fireEvent.input(screen.getByLabelText(/Bot token/), { target: { value: 'x' } })
    await press('Save')
    expect(screen.getByText('Not a token.')).toBeTruthy()
  })

  it('lists what was lost, warns of what may have arrived, and tries it again', async () => {
    const { of } = await openSettings(['channels', 4], answers)
    const row = within(screen.getByText('It is on its way.').closest('li')!)
    expect(row.getByText('Perhaps arrived')).toBeTruthy()
    expect(row.getByText('The line broke after it left. Sent again, it may arrive twice.')).toBeTruthy()
    await press('Send again')
    await press('Read again')
    expect(of('POST').map(each => each.path)).toEqual(['/deliveries/11/retry', '/inbound/12/retry'])
  })

  it('is removed after a second look, and gone from the list', async () => {
    const { of } = await openSettings(['channels', 4], answers)
    await press('Remove')
    expect(of('DELETE')).toEqual([])
    await fireEvent.submit(screen.getByText('Nothing comes in or goes out this way any more. Its chats stay readable.').closest('form')!)
    await settle()
    expect(of('DELETE').map(each => each.path)).toEqual(['/channels/4'])
    expect(here.settingItem).toBeNull()
  })

  it('that is gone says so', async () => {
    await openSettings(['channels', 9], answers)
    expect(screen.getByText('This isn’t here any more')).toBeTruthy()
  })
})

describe('where a provider calls', () => {
  it('says whether it is set there, and nothing of it where nobody calls', async () => {
    await openSettings(['channels', 4], answers)
    expect(screen.getByText('Not set there yet')).toBeTruthy()
    leaveSettings()
    await openSettings(['channels', 4], { ...answers, 'GET /channels': { items: [{ ...channel, notes: { webhook: true } }] } })
    expect(screen.getByText('It is set there')).toBeTruthy()
    leaveSettings()
    await openSettings(['channels', 4], { ...answers, 'GET /channels': { items: [{ ...channel, address: null }] } })
    expect(screen.queryByText('Not set there yet')).toBeNull()
  })
})

describe('the templates of a channel', () => {
  const hello: TemplateOut = {
    name: 'hello_again', language: 'de', category: 'utility', header: '', body: 'Hallo {{1}}, dürfen wir schreiben?', footer: 'Fernhill', buttons: ['Ja'],
    gaps: [{ name: '1', place: 'body', example: 'Ana', button: null }], most: {}, state: 'approved', unusable: null
  }
  const sale: TemplateOut = { ...hello, name: 'sale', state: 'rejected', unusable: 'WhatsApp has rejected it: it advertises.' }
  const list: TemplateList = { items: [hello, sale], read_at: at(0), reading: false, fault: null }
  const templated = { ...answers, 'GET /channels/kinds': { items: [{ ...kind, can: { ...kind.can, templates: true } }] } }
  const opened = (templates: Partial<TemplateList> | Error, more = {}) =>
    openSettings(['channels', 4], { ...templated, 'GET /channels/4/templates': templates instanceof Error ? templates : { ...list, ...templates }, ...more })

  it('are shown with what their provider thinks of them, and whole when they are opened', async () => {
    await opened({})
    const rows = screen.getAllByRole('row').slice(1)
    expect(rows.map(row => within(row).getAllByRole('cell').map(cell => cell.querySelector('.hit, .held')?.textContent?.trim()))).toEqual([
      ['hello_againGerman · Utility', 'Hallo {{1}}, dürfen wir schreiben?', 'Approved'],
      ['saleGerman · Utility', 'Hallo {{1}}, dürfen wir schreiben?', 'RejectedWhatsApp has rejected it: it advertises.']
    ])
    expect(rows[0]!.querySelector('mark')?.textContent).toBe('{{1}}')
    await press('hello_again')
    const dialog = within(screen.getByRole('dialog'))
    expect(dialog.getByRole('figure').textContent).toContain('Hallo Ana, dürfen wir schreiben?')
    expect(dialog.getByRole('list', { name: 'Buttons' }).textContent).toBe('Ja')
  })

  it('are asked for again by a button, and follow what is told', async () => {
    const { of, answers: told, tell } = await opened({}, { 'POST /channels/4/templates/read': { ...list, reading: true } })
    await press('Read anew')
    expect(of('POST').map(each => each.path)).toEqual(['/channels/4/templates/read'])
    expect(screen.getByText('Asking for the list…')).toBeTruthy()
    told['GET /channels/4/templates'] = { ...list, items: [{ ...hello, state: 'paused', unusable: 'WhatsApp has paused it.' }] }
    tell('catalogue:changed', { what: 'channels' })
    await settle()
    expect(screen.getByText('Paused')).toBeTruthy()
    expect(screen.queryByText('sale')).toBeNull()
  })

  it('say why the list could not be read, that there are none, that they did not load; a channel without has no such part', async () => {
    await opened({ items: [], fault: 'The business account ID is missing.' })
    expect(screen.getByText('The business account ID is missing.')).toBeTruthy()
    expect(screen.getByText('No templates yet')).toBeTruthy()
    leaveSettings()
    const { answers: told } = await opened(refusal({ code: 'internal' }))
    told['GET /channels/4/templates'] = list
    await press('Retry')
    expect(screen.getByText('hello_again')).toBeTruthy()
    leaveSettings()
    const { calls } = await openSettings(['channels', 4], answers)
    expect(calls.some(each => each.path.includes('templates'))).toBe(false)
  })

  it('that are very many are found by their words', async () => {
    const items = Array.from({ length: 30 }, (_, i) => ({ ...hello, name: `offer_${i}`, body: i === 29 ? 'Ihr Paket ist da' : 'Hallo' }))
    await opened({ items })
    expect(screen.getAllByRole('row')).toHaveLength(21)
    await press('Show all 30 templates')
    expect(screen.getAllByRole('row')).toHaveLength(31)
    await fireEvent.input(screen.getByLabelText('Find a template'), { target: { value: 'paket' } })
    await settle()
    expect(screen.getAllByRole('row')).toHaveLength(2)
  })
})

describe('the website', () => {
  const onIt = (over: Partial<ChannelAdmin> = {}, more = {}) =>
    openSettings(['channels', 1], { ...answers, 'GET /channels': { items: [{ ...website, ...over }] }, 'PATCH /channels/1/website': website, ...more })

  it('shows the line that belongs into its pages', async () => {
    await onIt()
    expect(screen.getByText('<script src="https://desk.example/w.js" data-key="k" async></script>')).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull()
    expect(screen.getByRole('link', { name: 'Open the desk’s settings' }).getAttribute('href')).toBe('/settings/desk')
  })

  it('says when the browser does not let it be copied', async () => {
    const { frame } = await onIt()
    vi.stubGlobal('navigator', { ...navigator, clipboard: undefined }) // as on a page without TLS
    await press('Copy the line')
    vi.unstubAllGlobals()
    expect(frame.toasts.items.map(each => each.text)).toContain('Your browser didn’t allow copying. Select it and copy it by hand.')
  })

  it('names the sites that may show it, takes one more, and takes one away after asking', async () => {
    const { of } = await onIt()
    await fireEvent.input(screen.getByLabelText('Add a website'), { target: { value: 'blog.example' } })
    await press('Add')
    await fireEvent.click(screen.getByLabelText('Remove https://fernhill.example'))
    expect(of('PATCH')).toHaveLength(1)
    await press('Remove')
    expect(of('PATCH').map(each => each.body)).toEqual([{ version: 3, sites: ['https://fernhill.example', 'blog.example'] }, { version: 3, sites: [] }])
  })

  it('says that there is none yet, and why one is not taken', async () => {
    await onIt({ sites: [] }, { 'PATCH /channels/1/website': refusal({ code: 'bad_site', message: 'Name each website by itself, without an asterisk.' }) })
    expect(screen.getByText('No website yet. Add yours, and the chat appears there.')).toBeTruthy()
    const typed = screen.getByLabelText('Add a website') as HTMLInputElement
    await fireEvent.input(typed, { target: { value: 'https://*' } })
    await press('Add')
    expect(screen.getByText('Name each website by itself, without an asterisk.')).toBeTruthy()
    expect(typed.value).toBe('https://*')
    await fireEvent.input(typed, { target: { value: 'https://a' } })
    expect(typed.getAttribute('aria-invalid')).toBeNull()
  })
})
