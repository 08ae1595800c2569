declare module '*.ftl' {
  const source: import('./state/words.svelte').Catalogue;
  export default source;
}
