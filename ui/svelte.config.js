import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess({ script: false }),
  compilerOptions: {
    runes: true,
    // Short names for scoped styles: they stand in markup and sheets some thousand times.
    cssHash: ({ hash, filename, css }) =>
      `t${hash(filename === '(unknown)' ? css : filename).slice(0, 4)}`,
  },
};
