/**
 * A typed router over the History API.
 *
 * Routes are named patterns; `:name` is a parameter. What is typed is what can be misspelt: the route's name and its
 * parameters. State lives in the address, so a reload or a shared link shows the same.
 */

type ParameterNames<Pattern extends string> = Pattern extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterNames<`/${Rest}`>
  : Pattern extends `${string}:${infer Name}`
    ? Name
    : never

export type Routes = Readonly<Record<string, string>>
export type Parameters<R extends Routes, N extends keyof R> = { readonly [P in ParameterNames<R[N]>]: string }
export type Search = Readonly<Record<string, string | undefined>>

/** Where we are: a union over the routes, so that checking `name` gives `parameters` its type. */
export type Place<R extends Routes> = {
  [N in keyof R & string]: { readonly name: N; readonly parameters: Parameters<R, N>; readonly search: Search }
}[keyof R & string]

type PlaceArguments<R extends Routes, N extends keyof R> = [ParameterNames<R[N]>] extends [never]
  ? [parameters?: Record<string, never>, search?: Search]
  : [parameters: Parameters<R, N>, search?: Search]

export interface Router<R extends Routes> {
  /** Null when the address fits no route. */
  readonly place: Place<R> | null
  href<N extends keyof R & string>(name: N, ...rest: PlaceArguments<R, N>): string
  go<N extends keyof R & string>(name: N, ...rest: PlaceArguments<R, N>): void
  /** As `go`, without a step that Back would return to. */
  replace<N extends keyof R & string>(name: N, ...rest: PlaceArguments<R, N>): void
  back(): void
  /**
   * Before anybody leaves, `ask` is called instead, with the way to go on. One asks at a time; returns the way to stop.
   * Moves of the program by `replace` are not asked about.
   */
  hold(ask: (goOn: () => void) => void): () => void
  /** Called at once and at every change, as a Svelte store does. */
  subscribe(watch: (place: Place<R> | null) => void): () => void
  close(): void
}

export function createRouter<const R extends Routes>(routes: R): Router<R> {
  const patterns = Object.entries(routes).map(([name, pattern]) => ({ name, matches: matcher(pattern) }))
  const watchers = new Set<(place: Place<R> | null) => void>()
  let place = read()
  let holding: ((goOn: () => void) => void) | null = null
  /** How far along its own history this page is: tells in which direction Back or Forward has gone. */
  let step = stepNow()
  /** A move of the browser that we have asked for ourselves. */
  let returning = false

  function stepNow(): number {
    const state: unknown = history.state
    return typeof state === 'object' && state !== null && 'step' in state ? Number(state.step) : 0
  }

  function push(address: string): void {
    step += 1
    history.pushState({ step }, '', address)
    moved()
  }

  function leave(goOn: () => void): void {
    if (holding) holding(goOn)
    else goOn()
  }

  /** Back and Forward have already gone when they are heard of: who is held is brought back, and asked there. */
  function popped(): void {
    const by = stepNow() - step
    if (returning) {
      returning = false
    } else if (holding && by !== 0) {
      returning = true
      history.go(-by)
      holding(() => history.go(by))
      return
    }
    step = stepNow()
    moved()
  }

  function read(): Place<R> | null {
    const search = Object.fromEntries(new URLSearchParams(location.search))
    for (const { name, matches } of patterns) {
      const parameters = matches(location.pathname)
      if (parameters) return { name, parameters, search } as unknown as Place<R>
    }
    return null
  }

  function moved(): void {
    place = read()
    for (const watch of watchers) watch(place)
  }

  function href(name: keyof R & string, ...rest: unknown[]): string {
    // The conditional argument list has been checked where this is called; inside it is two optional records.
    const [parameters = {}, search = {}] = rest as [parameters?: Record<string, string>, search?: Search]
    const path = routes[name]!.replace(/:(\w+)/g, (_, each: string) => encodeURIComponent(parameters[each] ?? ''))
    const given = Object.entries(search).filter((pair): pair is [string, string] => Boolean(pair[1]))
    return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
  }

  function follow(event: MouseEvent): void {
    const link = plainClick(event)
    if (!link || link.origin !== location.origin || !patterns.some(each => each.matches(link.pathname))) return
    event.preventDefault()
    if (link.href === location.href) moved()
    else leave(() => push(link.href))
  }

  addEventListener('popstate', popped)
  document.addEventListener('click', follow)

  return {
    get place() {
      return place
    },
    href,
    go(name, ...rest) {
      leave(() => push(href(name, ...rest)))
    },
    replace(name, ...rest) {
      history.replaceState({ step }, '', href(name, ...rest))
      moved()
    },
    back: () => history.back(),
    hold(ask) {
      holding = ask
      return () => {
        if (holding === ask) holding = null
      }
    },
    subscribe(watch) {
      watchers.add(watch)
      watch(place)
      return () => void watchers.delete(watch)
    },
    close() {
      removeEventListener('popstate', popped)
      document.removeEventListener('click', follow)
      watchers.clear()
    }
  }
}

/** The pattern as a function from path to parameters; null where it does not fit. */
function matcher(pattern: string): (path: string) => Record<string, string> | null {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:(\w+)/g, '(?<$1>[^/]+)')
  const expression = new RegExp(`^${source}/?$`)
  return path => {
    const found = expression.exec(path)
    return found && Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decoded(value)]))
  }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** The link that an ordinary click has followed; not one for a new tab, a download or another frame. */
function plainClick(event: MouseEvent): HTMLAnchorElement | null {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null
  return link && !link.target && !link.hasAttribute('download') ? link : null
}
