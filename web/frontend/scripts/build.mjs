/**
 * Build the graphs one after the other, then compress what browsers fetch.
 *
 *   node scripts/build.mjs               all of them
 *   node scripts/build.mjs console       only those named
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const OUTPUT = '../static/dist'
/** The loader goes into the widget's folder, which the widget's build empties: so it comes after. */
const GRAPHS = ['console', 'widget', 'loader', 'gallery']
const TEXT = /\.(?:js|css|html|svg|json)$/
/** Below this a header is larger than what compression saves. */
const WORTH_IT = 512

const wanted = process.argv.slice(2)
const unknown = wanted.filter(each => !GRAPHS.includes(each))
if (unknown.length) {
  console.error(`No graph is called ${unknown.join(', ')}; there are ${GRAPHS.join(', ')}.`)
  process.exit(1)
}
for (const mode of GRAPHS) {
  if (wanted.length === 0 || wanted.includes(mode)) await build({ mode, logLevel: 'warn' })
}
for (const file of filesIn(OUTPUT)) if (TEXT.test(file)) compress(file)

function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile())
}

function compress(file) {
  const bytes = readFileSync(file)
  if (bytes.length < WORTH_IT) return
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }))
}
