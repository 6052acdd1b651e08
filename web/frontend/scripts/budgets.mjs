/**
 * What each page may cost its visitors, in gzipped bytes. Exits with 1 when something is over.
 *
 * "First" is what a page fetches before anybody has touched it: what its HTML names and what those modules import at once.
 * A conversation is what the widget has fetched once somebody talks in it: that, the screen of messages and the socket. The
 * rest of the JavaScript is lazy, chunk by chunk, and loaded by whoever records, attaches, rates or reads an article.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { gzipSync } from 'node:zlib'

const OUTPUT = '../static/dist'
const KB = 1000

const gz = path => gzipSync(readFileSync(path), { level: 9 }).length
const sum = paths => paths.reduce((total, path) => total + gz(path), 0)
const ending = (paths, extension) => paths.filter(path => path.endsWith(extension))

/** Every script and style a page loads at once, following static imports. */
function first(html, base) {
  const text = readFileSync(html, 'utf8')
  const links = [...text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, link]) => link.replace(base, ''))
  return following(dirname(html), links)
}

/** These files of a folder, and every script that they import at once. */
function following(folder, names) {
  const found = new Set()
  const follow = name => {
    const path = join(folder, name)
    if (found.has(path) || !existsSync(path)) return
    found.add(path)
    if (!path.endsWith('.js')) return
    // A static import names its file at the statement itself; a lazy one stands in a call.
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/(?:^|[;}\s])(?:import|export)\s*(?:[\w*${},\s]+?from\s*)?["'](\.[^"']+)["']/g)) {
      follow(posix.join(posix.dirname(name), target))
    }
  }
  for (const name of names) follow(name)
  return [...found]
}

/** The scripts and styles of lazy chunks, by the names of their modules. */
function chunks(folder, ...modules) {
  const names = readdirSync(join(OUTPUT, folder, 'assets'))
  const wanted = modules.flatMap(module => names.filter(name => name.startsWith(`${module}-`) && /\.(?:js|css)$/.test(name)))
  return following(join(OUTPUT, folder), wanted.map(name => `assets/${name}`))
}

function assets(folder) {
  return readdirSync(join(OUTPUT, folder, 'assets')).map(name => join(OUTPUT, folder, 'assets', name)).filter(path => /\.(?:js|css)$/.test(path))
}

const rows = []
const budget = (name, bytes, limit) => rows.push({ name, bytes, limit, over: bytes > limit })

const frame = first(join(OUTPUT, 'w/frame.html'), '/w/')
const desk = first(join(OUTPUT, 'console/index.html'), '/')
budget('loader', gz(join(OUTPUT, 'w/w.js')), 3 * KB)
budget('widget, first open', sum(frame), 45 * KB)
const conversation = [...new Set([...frame, ...chunks('w', 'Conversation', 'live')])]
budget('widget, a conversation', sum(conversation), 65 * KB)
budget('console, first route, JS', sum(ending(desk, '.js')), 120 * KB)
budget('console, first route, CSS', sum(ending(desk, '.css')), 20 * KB)
for (const [folder, eager, limit] of [['w', conversation, 10], ['console', desk, 80]]) {
  for (const path of ending(assets(folder), '.js')) {
    if (!eager.includes(path)) budget(`lazy: ${path.slice(OUTPUT.length + 1)}`, gz(path), limit * KB)
  }
}

for (const { name, bytes, limit, over } of rows) {
  const figure = `${(bytes / KB).toFixed(2)} of ${limit / KB} kB`
  console.log(`${over ? 'OVER' : 'ok  '}  ${figure.padStart(18)}  ${name}`)
}
if (rows.some(each => each.over)) process.exit(1)
