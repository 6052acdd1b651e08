import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env['PARLEY_URL'] ?? 'http://127.0.0.1:5000'

/**
 * One graph per mode, and never one graph for two: a page that embeds the widget must not load a chunk
 * that it shares with the console.
 */
const graphs: Record<string, UserConfig> = {
  console: {
    root: at('apps/console'),
    base: '/',
    build: { outDir: at('../static/dist/console'), rolldownOptions: { input: at('apps/console/index.html') } },
    server: { port: 5173 }
  },
  widget: {
    root: at('apps/widget'),
    base: '/w/',
    build: { outDir: at('../static/dist/w'), rolldownOptions: { input: at('apps/widget/frame.html') } },
    server: { port: 5174 }
  },
  // Built after the widget, into the same folder: one classic script with a stable name and no framework.
  loader: {
    root: at('apps/loader'),
    build: {
      outDir: at('../static/dist/w'),
      emptyOutDir: false,
      target: 'es2022',
      rolldownOptions: { input: at('apps/loader/w.ts'), output: { format: 'iife', entryFileNames: 'w.js' } }
    }
  },
  gallery: {
    root: at('apps/gallery'),
    base: './',
    build: { outDir: at('../static/dist/gallery'), rolldownOptions: { input: at('apps/gallery/gallery.html') } },
    server: { port: 5175 }
  }
}

export default defineConfig(({ mode }) => {
  const graph = graphs[mode] ?? graphs['console']!
  return {
    ...graph,
    plugins: mode === 'loader' ? [] : [svelte({ configFile: at('svelte.config.js') })],
    resolve: {
      alias: {
        '#shared': at('shared'),
        '#icons': at(mode === 'widget' ? 'shared/icons.widget.gen.ts' : 'shared/icons.console.gen.ts')
      }
    },
    build: {
      target: 'es2023',
      // What `light-dark()` and `oklch()` need anyway: written out for older browsers they are half as large again.
      cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
      emptyOutDir: true,
      // Inlined assets would need `data:` in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      ...graph.build,
      // How long each plugin took is for whoever is tuning the build, not for every build's log.
      rolldownOptions: { checks: { bundlerTimings: false }, ...graph.build?.rolldownOptions }
    },
    server: {
      ...graph.server,
      strictPort: true,
      // Each app is a root of its own; what they share lies above it.
      fs: { allow: [at('.')] },
      proxy: { '/api': server, '/socket.io': { target: server, ws: true } }
    }
  }
})
