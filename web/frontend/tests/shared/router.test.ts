import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRouter, type Router } from '#shared/router'

const ROUTES = { inbox: '/inbox', chat: '/inbox/:chat', history: '/history/:chat/at/:message' } as const

function anchor(id: string, href: string): HTMLAnchorElement {
  return Object.assign(document.createElement('a'), { id, href })
}

describe('router', () => {
  let router: Router<typeof ROUTES>
  beforeEach(() => {
    history.replaceState(null, '', '/inbox/7?list=mine')
    router = createRouter(ROUTES)
  })
  afterEach(() => router.close())

  it('reads the address it starts at', () => {
    expect(router.place).toEqual({ name: 'chat', parameters: { chat: '7' }, search: { list: 'mine' } })
  })

  it('writes addresses, with what is awkward encoded', () => {
    expect(router.href('inbox')).toBe('/inbox')
    expect(router.href('chat', { chat: 'a/b' }, { list: 'queue', q: undefined })).toBe('/inbox/a%2Fb?list=queue')
  })

  it('goes there and tells', () => {
    const seen: (string | undefined)[] = []
    router.subscribe(place => seen.push(place?.name))
    router.go('history', { chat: '1', message: '2' })
    router.replace('inbox')
    expect(seen).toEqual(['chat', 'history', 'inbox'])
    expect(location.pathname).toBe('/inbox')
  })

  it('knows when an address is none of its own', () => {
    history.replaceState(null, '', '/elsewhere')
    dispatchEvent(new PopStateEvent('popstate'))
    expect(router.place).toBeNull()
  })

  it('asks before it leaves, and goes on when told to', () => {
    router.go('chat', { chat: '8' })
    let goOn = () => undefined as void
    const release = router.hold(given => (goOn = given))

    router.go('inbox')
    expect(location.pathname).toBe('/inbox/8')
    router.replace('chat', { chat: '9' })
    expect(location.pathname).toBe('/inbox/9')

    goOn()
    expect(location.pathname).toBe('/inbox')
    release()
    router.go('chat', { chat: '1' })
    expect(location.pathname).toBe('/inbox/1')
  })

  it('takes ordinary clicks on its links and leaves the others', () => {
    document.body.append(anchor('ours', '/inbox/9'))
    const click = (id: string, init: MouseEventInit = {}) =>
      document.getElementById(id)!.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...init }))
    expect(click('ours')).toBe(false)
    expect(router.place).toMatchObject({ parameters: { chat: '9' } })
    document.addEventListener('click', event => event.preventDefault(), { once: true })
    click('ours', { ctrlKey: true })
    expect(router.place).toMatchObject({ parameters: { chat: '9' } })
  })
})
