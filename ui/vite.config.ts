import { readFile } from 'node:fs/promises';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { compile } from './catalogue.ts';

/**
 * Brings a catalogue ready to be spoken, without the groups that only the agent and the command line speak, and
 * without the report's: the window need not carry them. What notifications say of an anomaly's figures it says too.
 */
function catalogue(): Plugin {
  return {
    name: 'tidemark-catalogue',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith('.ftl')) return null;
      this.addWatchFile(id);
      const source = await readFile(id, 'utf8');
      const groups = source.split(/^(?=## )/m);
      const mine = groups
        .map((group) =>
          /^## (Words|Window)\b/.test(group)
            ? group.replaceAll(/^report-.*\n(?:[ }].*\n)*/gm, '')
            : (group.match(/^(?:said-|points ).*\n(?:[ }].*\n)*/gm) ?? []).join(''),
        )
        .join('');
      return `export default ${JSON.stringify(compile(mine))}`;
    },
  };
}

export default defineConfig({
  plugins: [catalogue(), svelte()],
  // Relative, so that the same build is served from the app's own scheme and from any address.
  base: './',
  build: {
    target: ['es2022', 'safari16'],
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    reportCompressedSize: true,
  },
  server: { port: 5173, fs: { allow: ['..'] } },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: {
    environment: 'jsdom',
    include: ['src/test/**/*.test.ts'],
    setupFiles: ['src/test/setup.ts'],
    testTimeout: 20_000,
  },
});
