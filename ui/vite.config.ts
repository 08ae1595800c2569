import { readFile } from 'node:fs/promises';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { catalogue, groupsOfWindow } from './catalogue.ts';

/** Loads a catalogue, parsed, without the groups that only the agent and the command line use. */
function fluentCatalogues(): Plugin {
  return {
    name: 'tidemark-catalogue',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith('.ftl')) return null;
      this.addWatchFile(id);
      const source = await readFile(id, 'utf8');
      return `export default ${JSON.stringify(catalogue(groupsOfWindow(source)))}`;
    },
  };
}

/**
 * Leaves out Vite's loader of what a chunk needs before it runs: chunks are catalogues and pages, which need little but
 * the first file, the styles are in one file, and the loader is most of a kilobyte.
 */
function withoutPreloading(): Plugin {
  return {
    name: 'tidemark-no-preloading',
    apply: 'build',
    enforce: 'pre',
    load: {
      filter: { id: /^\0vite\/preload-helper/ },
      handler: () => 'export const __vitePreload = (load) => load();',
    },
  };
}

export default defineConfig({
  plugins: [fluentCatalogues(), withoutPreloading(), svelte()],
  // Relative, so that the same build is served from the app's own scheme and from any address.
  base: './',
  build: {
    target: ['es2022', 'safari16'],
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    // Whatever the first page needs is one file, also what later pages need, too: it compresses better than several.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'window', tags: ['$initial'] }] } },
    },
    reportCompressedSize: true,
  },
  server: { port: 5173, fs: { allow: ['..'] } },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: {
    environment: 'jsdom',
    include: ['src/test/**/*.test.ts'],
    setupFiles: ['src/test/setup.ts'],
    testTimeout: 60_000,
  },
});
