declare module '*.ftl' {
  const catalogue: import('../catalogue').Catalogue;
  export default catalogue;
}
