import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {Map<string, string>} */
const taken = new Map();

export default {
  preprocess: vitePreprocess({ script: false }),
  compilerOptions: {
    runes: true,
    // Nobody asks the window for the version of its framework.
    discloseVersion: false,
    // Short names for scoped styles: they occur some thousand times in markup and style sheets.
    cssHash: ({ hash, name }) => {
      const short = `t${hash(name).slice(-3)}`;
      const other = taken.get(short);
      if (other !== undefined && other !== name) {
        throw new Error(
          `${name} and ${other} get the same short name for their styles: rename one`,
        );
      }
      taken.set(short, name);
      return short;
    },
  },
};
