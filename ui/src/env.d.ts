declare module '*.ftl' {
  const catalogue: string;
  export default catalogue;
}
