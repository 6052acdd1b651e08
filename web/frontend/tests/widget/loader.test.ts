import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createFrame } from '../../apps/loader/frame'
import { createLauncher } from '../../apps/loader/launcher'
import { memoryFor } from '../../apps/loader/memory'
import { readOptions, type Options } from '../../apps/loader/options'
import { heardFromFrame, heardFromPage } from '../../apps/loader/verbs'

const DESK = 'https://desk.example'
const SHOP = 'https://shop.example'
const frameWindow = { name: 'the frame' }
const elsewhere = { name: 'another window' }

const options: Options = { key: 'pk_fernhill', base: `${DESK}/`, side: 'right', theme: null, startOpen: false }

function event(data: unknown, origin = DESK, source: unknown = frameWindow): MessageEvent {
  return { data, origin, source } as MessageEvent
}

describe('what the page hears from the frame', () => {
  const hear = (...said: Parameters<typeof event>) => heardFromFrame(event(...said), { origin: DESK, window: frameWindow })

  it('is the four words, from that window and that origin', () => {
    expect(hear({ parley: 'ready' })).toEqual({ parley: 'ready' })
    expect(hear({ parley: 'close' })).toEqual({ parley: 'close' })
    expect(hear({ parley: 'unread', count: 3 })).toEqual({ parley: 'unread', count: 3 })
    expect(hear({ parley: 'chat', open: true })).toEqual({ parley: 'chat', open: true })
  })

  it.each([
    ['another origin', { parley: 'close' }, SHOP, frameWindow],
    ['an origin that only begins alike', { parley: 'close' }, `${DESK}.evil.example`, frameWindow],
    ['another window of the right origin', { parley: 'close' }, DESK, elsewhere],
    ['no window at all', { parley: 'close' }, DESK, null],
    ['an unknown word', { parley: 'open' }, DESK, frameWindow],
    ['a count that is none', { parley: 'unread', count: '3' }, DESK, frameWindow],
    ['a negative count', { parley: 'unread', count: -1 }, DESK, frameWindow],
    ['half a word', { parley: 'chat' }, DESK, frameWindow],
    ['a string', 'close', DESK, frameWindow],
    ['nothing', null, DESK, frameWindow]
  ])('is not %s', (_, data, origin, source) => {
    expect(hear(data, origin, source)).toBeNull()
  })

  it('is nothing while there is no frame', () => {
    expect(heardFromFrame(event({ parley: 'close' }, DESK, null), { origin: DESK, window: null })).toBeNull()
  })
})

describe('what the frame hears from the page', () => {
  const hear = (...said: Parameters<typeof event>) => heardFromPage(event(...said), { origin: SHOP, window: frameWindow })

  it('is that it is shown or hidden', () => {
    expect(hear({ parley: 'shown', page: '/pots', focus: true }, SHOP)).toEqual({ parley: 'shown', page: '/pots', focus: true })
    expect(hear({ parley: 'hidden', page: '/pots' }, SHOP)).toEqual({ parley: 'hidden', page: '/pots', focus: false })
  })

  it('is nothing from anybody else', () => {
    expect(hear({ parley: 'shown', page: '/', focus: true }, DESK)).toBeNull()
    expect(hear({ parley: 'shown', page: '/', focus: true }, SHOP, elsewhere)).toBeNull()
    expect(hear({ parley: 'send', page: '/' }, SHOP)).toBeNull()
    expect(hear({ parley: 'shown', page: 7 }, SHOP)).toBeNull()
  })
})

describe('the frame', () => {
  function made() {
    const frame = createFrame(options, 'Chat with Fernhill & Co.', vi.fn())
    const posted = vi.fn()
    Object.defineProperty(frame.element, 'contentWindow', { value: { postMessage: posted } })
    const ready = () => window.dispatchEvent(Object.assign(new Event('message'), event({ parley: 'ready' }, DESK, frame.element.contentWindow)))
    return { frame, posted, ready }
  }

  it('is addressed by key and the exact origin of the page', () => {
    const address = new URL(made().frame.element.src)
    expect(address.origin + address.pathname).toBe(`${DESK}/w/frame`)
    expect(Object.fromEntries(address.searchParams)).toEqual({ key: 'pk_fernhill', origin: location.origin })
  })

  it('is told nothing before it is ready, and never with a star', () => {
    const { frame, posted, ready } = made()
    frame.show(true, true)
    expect(posted).not.toHaveBeenCalled()
    ready()
    frame.show(false, true)
    expect(posted.mock.calls.map(([word, origin]) => [word.parley, origin])).toEqual([['shown', DESK], ['hidden', DESK]])
  })
})

describe('the launcher', () => {
  beforeEach(() => document.getElementById('parley')?.remove())

  function made(toggle = vi.fn()) {
    const launcher = createLauncher(options, '#2c6e49', '#ffffff', toggle)
    return { launcher, toggle, button: launcher.root.querySelector<HTMLButtonElement>('.launch')! }
  }

  it('says how many are new, in its badge and in words', () => {
    const { launcher, button } = made()
    launcher.show({ unread: 2 })
    expect(button.querySelector('.badge')?.textContent).toBe('2')
    expect(button.ariaLabel).toBe('Open chat, 2 new')
    launcher.show({ open: true })
    expect(button.querySelector('.badge')).toBeNull()
    expect(button.ariaLabel).toBe('Close chat')
    expect(button.ariaExpanded).toBe('true')
  })

  it('teases until the line is followed, dismissed, or the chat opens', () => {
    const { launcher, button } = made()
    const follow = vi.fn()
    launcher.tease('Fernhill & Co.', '<b>Something</b> drooping?', follow)
    const say = launcher.root.querySelector<HTMLButtonElement>('.say')!
    expect(say.textContent).toContain('<b>Something</b> drooping?')
    say.click()
    expect(follow).toHaveBeenCalledOnce()
    launcher.root.querySelector<HTMLButtonElement>('.hush')!.click()
    expect(launcher.root.querySelector('.teaser')).toBeNull()
    expect(launcher.root.activeElement ?? document.activeElement).toBeTruthy()
    expect(button.isConnected).toBe(true)
  })
})

describe('the script tag', () => {
  function script(attributes: Record<string, string>): HTMLScriptElement {
    const tag = document.createElement('script')
    Object.assign(tag.dataset, attributes)
    Object.defineProperty(tag, 'src', { value: `${DESK}/w.js` })
    return tag
  }

  it('needs a key', () => expect(readOptions(script({}))).toBeNull())

  it('has defaults for the rest, and ignores what it does not know', () => {
    expect(readOptions(script({ key: 'pk_fernhill', side: 'top', theme: 'red;}' }))).toEqual(options)
    expect(readOptions(script({ key: 'k', side: 'left', theme: 'dark', open: '' }))).toMatchObject({ side: 'left', theme: 'dark', startOpen: true })
    expect(readOptions(script({ key: 'k', open: 'false' }))).toMatchObject({ startOpen: false })
  })
})

describe('the memory of a page', () => {
  it('keeps flags by site key, and forgets them', () => {
    const [one, other] = [memoryFor('one'), memoryFor('other')]
    one.set('chat', true)
    expect([one.has('chat'), other.has('chat')]).toEqual([true, false])
    one.set('chat', false)
    expect(one.has('chat')).toBe(false)
  })
})
