// The names of the layers' patterns.
export const STACK_PATTERNS = ['s0', 's1', 's2', 's3', 's4', 's5'] as const;
export type Pattern =
  'fully' | 'elsewhere' | 'cannot-tell' | 'not' | 'missing' | (typeof STACK_PATTERNS)[number];
