declare module '*.ftl' {
  const source: import('./state/i18n.svelte').Catalogue;
  export default source;
}
