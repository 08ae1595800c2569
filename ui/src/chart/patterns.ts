// The names of the layers' patterns. One pattern has one meaning: dots and hatching are for what is not known, a single
// diagonal for what another product used, a grid for what is unexplained. What is split by names has stripes and tints.
export const STACK_PATTERNS = ['s0', 's1', 's2', 's3', 's4', 's5'] as const;
export type Pattern =
  'fully' | 'elsewhere' | 'cannot-tell' | 'not' | 'missing' | (typeof STACK_PATTERNS)[number];

const PLAIN: readonly Pattern[] = ['fully', 's0', 's1', 's5'];

/** The fill of a layer. What is plain needs no pattern, which costs a multiple to draw. */
export const fillOf = (id: string, pattern: Pattern): string | undefined =>
  PLAIN.includes(pattern) ? undefined : `url(#${id}-${pattern})`;
