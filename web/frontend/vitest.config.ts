import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  resolve: {
    alias: { '#shared': at('shared'), '#icons': at('shared/icons.console.gen.ts') }
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    // Two cores are often all there is, and more workers only fight over them.
    maxWorkers: 2,
    restoreMocks: true
  }
})
