/**
 * Prove that the type check would see a fault: plant one in a script and one in a template, and expect both reported.
 *
 * A checker that finds nothing looks exactly like one that looks at nothing.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const FAULTY = `<script lang="ts">
  import Icon from '#shared/Icon.svelte'
  const inScript: number = 'a word'
</script>

<Icon name="no-such-icon" />
{inScript}
`

const folder = mkdtempSync('shared/planted-')
const config = `tsconfig.${basename(folder)}.json`
try {
  writeFileSync(join(folder, 'Fault.svelte'), FAULTY)
  writeFileSync(config, JSON.stringify({ extends: './tsconfig.json', include: [folder] }))
  const { stdout } = spawnSync('npx', ['svelte-check', '--tsgo', '--tsconfig', config, '--output', 'machine'], { encoding: 'utf8' })
  const seen = { script: /'string' is not assignable to type 'number'/.test(stdout), template: /no-such-icon/.test(stdout) }
  if (!seen.script || !seen.template) {
    console.error('svelte-check overlooked a planted fault:', seen, stdout)
    process.exitCode = 1
  } else {
    console.log('svelte-check sees faults in scripts and in templates.')
  }
} finally {
  rmSync(folder, { recursive: true })
  rmSync(config)
  // The checker keeps its own translation of every component, which the next run would find again.
  rmSync(join('.svelte-check/svelte', folder), { recursive: true, force: true })
}
