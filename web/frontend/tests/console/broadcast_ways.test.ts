import { Toasts } from '#shared/kit/toasts.svelte'
import type { AudienceOut, BroadcastDetail, ChannelCan, TemplateList, WayOut } from '#shared/wire.gen'
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Casting } from '../../apps/console/broadcasts/casting'
import Composer from '../../apps/console/broadcasts/Composer.svelte'
import { Actions } from '../../apps/console/data/actions.svelte'
import { Layers } from '../../apps/console/data/layers.svelte'
import { Selection } from '../../apps/console/data/selection.svelte'
import type { Session } from '../../apps/console/data/session.svelte'
import Framed from './Framed.svelte'
import { at, me } from './fixtures'
import { standInConsole } from './stand_ins'

const can: ChannelCan = {
  longest: 20, media: {}, caption: 0, buttons: 0, window_h: null, templates: false, receipts: 'sent', edits: false, deletes: false, deletes_h: null, quotes: false,
  subjects: false, formats: false, live: false
}
const STOP = 'No more messages like this: answer STOP, or open https://shop.example/stop/0-abc'
const shop: WayOut = { channel: { id: 2, kind: 'whatsapp', name: 'Shop' }, can: { ...can, longest: 4096, window_h: 24, templates: true }, free: 3, by_template: 0, closed: 5, sender: null, stop: STOP }
const mail: WayOut = {
  channel: { id: 3, kind: 'email', name: 'Mailbox' }, can: { ...can, subjects: true }, free: 2, by_template: 0, closed: 0, sender: 'Fernhill <help@fernhill.example>', stop: STOP
}
const web: WayOut = { channel: { id: 1, kind: 'web', name: 'Website' }, can: { ...can, longest: 10_000, formats: true }, free: 4, by_template: 0, closed: 0, sender: null, stop: null }
const counted = (...ways: WayOut[]): AudienceOut => ({ reachable: 5, ways, left_out: [{ reason: 'window_closed', count: 5 }], people: [] })
const list: TemplateList = {
  items: [{
    name: 'hello_again', language: 'en', category: 'utility', header: '', body: 'Hello {{1}}, may we write?', footer: '', buttons: [],
    gaps: [{ name: '1', place: 'body', example: 'Ana', button: null }], most: { body: 1024 }, state: 'approved', unusable: null
  }],
  read_at: at(0), reading: false, fault: null
}
const draft: BroadcastDetail = {
  id: 7, title: 'Parcels', body: 'Parcels move again, all of them.', subject: null, templates: [], state: 'draft', version: 1, audience_kind: 'tag', cluster: null, rate: 20,
  by: null, confirmed: null, created_at: at(0), updated_at: at(0), scheduled_at: null, started_at: null, finished_at: null,
  counts: { total: 0, waiting: 0, claimed: 0, sent: 0, failed: 0, unknown: 0, skipped: 0 }, audience: { tag_ids: [4] }, time_zone: null, names: {}, left_out: [], seen: 0, replied: 0
}

async function compose(audience: AudienceOut, over: Partial<BroadcastDetail> = {}) {
  const casting = { audience: vi.fn<Casting['audience']>(async () => audience), change: vi.fn<Casting['change']>(async () => draft) }
  const { console } = standInConsole([], { me: me({ permissions: ['broadcast.prepare', 'broadcast.send'] }), server: { templates: async () => list } })
  await console.load()
  const toasts = new Toasts()
  const frame = { session: {} as Session, console, actions: new Actions(console, toasts, vi.fn()), toasts, layers: new Layers(), selection: new Selection() }
  render(Framed, { frame, screen: Composer as never, given: { casting, cluster: null, draft: { ...draft, ...over }, onchange: vi.fn() } })
  await vi.waitFor(() => expect(casting.audience).toHaveBeenCalled())
  return casting
}

beforeEach(() => localStorage.clear())
afterEach(cleanup)

async function write(body: string) {
  await fireEvent.input(screen.getByRole('textbox', { name: /^Message/ }), { target: { value: body } })
}

describe('what customers will see', () => {
  const preview = () => within(screen.getByRole('region', { name: 'What customers see' }))
  const roomy = (way: WayOut): WayOut => ({ ...way, can: { ...way.can, longest: 4096 } })

  it('is the widget alone while nobody is chosen, or where everybody is there', async () => {
    await compose(counted())
    expect(preview().getByText('Stop these messages')).toBeTruthy()
    expect(preview().queryByRole('tab')).toBeNull()
    cleanup()
    await compose(counted(web))
    expect(await preview().findByText('4 people get it like this, by Website')).toBeTruthy()
    expect(preview().queryByRole('tab')).toBeNull()
  })

  it('is shown channel by channel, each with how many get it so', async () => {
    await compose(counted(web, roomy(shop), roomy(mail)))
    await write('Parcels **move** again.')
    expect((await preview().findAllByRole('tab')).map(tab => tab.textContent.trim())).toEqual(['Website 4', 'Shop 3', 'Mailbox 2'])
    expect(preview().getByText('move').tagName).toBe('STRONG')
    await fireEvent.click(preview().getByRole('tab', { name: /Shop/ }))
    expect(preview().getByText('3 people get it like this, by Shop')).toBeTruthy()
    expect(preview().getByText('Parcels move again.')).toBeTruthy()
    expect(preview().getByText(STOP)).toBeTruthy()
    expect(preview().getByText(/Bold, italic and code are left away/)).toBeTruthy()
  })

  it('is walked through with the keys', async () => {
    await compose(counted(web, roomy(shop)))
    const first = await preview().findByRole('tab', { name: /Website/ })
    await fireEvent.keyDown(first, { key: 'ArrowRight' })
    expect(preview().getByRole('tab', { name: /Shop/ }).getAttribute('aria-selected')).toBe('true')
    expect(preview().getByRole('tabpanel', { name: 'Shop' })).toBeTruthy()
  })

  it('is a letter with its sender, its subject and the way out of it', async () => {
    await compose(counted(roomy(mail)))
    expect(await preview().findByText('Fernhill <help@fernhill.example>')).toBeTruthy()
    expect(preview().getByRole('heading', { level: 3 }).textContent).toBe('Northbank Support')
    await fireEvent.input(screen.getByLabelText('Subject'), { target: { value: 'Your parcel' } })
    expect(preview().getByRole('heading', { level: 3 }).textContent).toBe('Your parcel')
    expect(preview().getByText('Unsubscribe')).toBeTruthy()
    expect(preview().getByText(STOP)).toBeTruthy()
  })

  it('says what is too long before it is sent', async () => {
    await compose(counted({ ...roomy(shop), can: { ...shop.can, longest: STOP.length + 6 } }))
    await write('1234')
    expect(preview().queryByText(/too long/)).toBeNull()
    await write('12345')
    expect(preview().getByText(/^1 character too long for this channel/)).toBeTruthy()
    expect(screen.getByText('1 character too long for Shop')).toBeTruthy()
  })

  it('shows the template to those whose window is closed, with a name in it', async () => {
    await compose(counted({ ...roomy(shop), by_template: 5, closed: 0 }), { templates: [{ channel_id: 2, name: 'hello_again', language: 'en', variables: ['{{customer.first_name}}'] }] })
    await fireEvent.click(await preview().findByRole('tab', { name: /Shop, template/ }))
    expect(preview().getByText('5 people get it like this, by Shop')).toBeTruthy()
    expect(await preview().findByText('Ada')).toBeTruthy()
    expect(preview().getByText(/Ada is an example/)).toBeTruthy()
    expect(preview().queryByText(STOP)).toBeNull()
  })

  it('says that nobody gets the words themselves where only a template would go', async () => {
    await compose(counted({ ...roomy(shop), free: 0 }))
    expect(await preview().findByText(/all of them wrote too long ago/)).toBeTruthy()
  })

  it('is chosen from a list where there are many channels', async () => {
    await compose(counted(web, roomy(shop), roomy(mail), { ...roomy(shop), channel: { id: 4, kind: 'telegram', name: 'Bot' } }))
    const many = await preview().findByRole('combobox', { name: 'Channel' })
    expect(within(many).getAllByRole('option').map(each => each.textContent)).toEqual(['Website (4)', 'Shop (3)', 'Mailbox (2)', 'Bot (3)'])
    expect(preview().queryByRole('tab')).toBeNull()
  })
})

describe('how an audience is reached', () => {
  it('is not spoken of where everybody is on the website', async () => {
    await compose(counted(web))
    await vi.waitFor(() => expect(screen.getByText(/5 people/)).toBeTruthy())
    expect(screen.queryByRole('region', { name: 'How they are reached' })).toBeNull()
    expect(screen.queryByLabelText('Subject')).toBeNull()
  })

  it('is said channel by channel, with what is cut and who is left out', async () => {
    await compose(counted(shop, mail))
    const ways = await screen.findByRole('region', { name: 'How they are reached' })
    const [first, second] = within(ways).getAllByRole('listitem')
    expect(first!.textContent).toContain('3 get the message, 5 left out')
    expect(first!.textContent).toContain('5 wrote too long ago. Only an approved template reaches them.')
    expect(second!.textContent).toContain('94 characters too long for this channel')
    expect(screen.getByText('94 characters too long for Mailbox')).toBeTruthy()
  })

  it('asks for a subject where somebody gets a letter, and keeps it', async () => {
    const { change } = await compose(counted(mail))
    await fireEvent.input(await screen.findByLabelText('Subject'), { target: { value: 'Your parcel' } })
    await fireEvent.click(screen.getByRole('button', { name: 'Save draft' }))
    await vi.waitFor(() => expect(change).toHaveBeenCalledWith(7, expect.objectContaining({ subject: 'Your parcel', templates: [] })))
  })

  it('reaches the others by a template, in which each is called by name', async () => {
    const { audience, change } = await compose(counted(shop))
    await fireEvent.click(await screen.findByRole('button', { name: 'Choose a template' }))
    await fireEvent.click(await screen.findByRole('option', { name: /hello_again/ }))
    expect(screen.getByLabelText<HTMLInputElement>(/Variable 1/).value).toBe('{{customer.first_name}}')
    audience.mockResolvedValue({ ...counted({ ...shop, by_template: 5, closed: 0 }), reachable: 8 })
    await fireEvent.click(screen.getByRole('button', { name: 'Use it' }))
    await vi.waitFor(() => expect(audience).toHaveBeenLastCalledWith(expect.objectContaining({ templated: [2] }), expect.anything()))
    expect(await screen.findByText('3 get the message, 5 get the template')).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: 'Save draft' }))
    const template = { channel_id: 2, name: 'hello_again', language: 'en', variables: ['{{customer.first_name}}'] }
    await vi.waitFor(() => expect(change).toHaveBeenCalledWith(7, expect.objectContaining({ templates: [template] })))
    await fireEvent.click(screen.getByRole('button', { name: 'Remove' }))
    await vi.waitFor(() => expect(audience).toHaveBeenLastCalledWith(expect.objectContaining({ templated: [] }), expect.anything()))
  })
})
