// What is said of local use, and how it is drawn. A worth that has no price, and a share of nothing, are unknown.
import type { BucketView, PointView, UseView } from '../api/types';
import { compact, count, money, percent } from '../format/number';
import { t } from '../state/words.svelte';
import type { Fact } from './labels';

export type Measure = 'tokens' | 'worth';

/** Tokens or worth, a line a fact and always as many: rows of a table, lines of a tooltip. */
export function useFacts(use: UseView, measure: Measure, exact: boolean): Fact[] {
  const number = exact ? count : compact;
  const fact = (name: string, value: string): Fact => ({ name: t(`use-${name}`), value });
  if (measure === 'worth') {
    return [fact('worth', money(use.worth)), fact('unpriced', number(use.unpriced_tokens))];
  }
  return [
    fact('tokens', number(use.total)),
    fact('requests', number(use.requests)),
    fact('input', number(use.input)),
    fact('cache-read', number(use.cache_read)),
    fact('cache-write', number(use.cache_write)),
    fact('output', number(use.output)),
    fact('cache-hits', hits(use)),
  ];
}

/** The share of the input that came from the cache. */
export const hits = (use: UseView): string =>
  percent(use.cache_hit_share === null ? null : use.cache_hit_share * 100);

/** What the bars stand for. The share of tokens without a price is drawn as what nobody knows. */
export function usePoints(
  buckets: readonly BucketView[],
  used: readonly UseView[],
  measure: Measure,
  now: number,
): PointView[] {
  return buckets.map((bucket, index) => {
    const use = used[index];
    const known = use !== undefined && Date.parse(bucket.start) <= now;
    const worth = use?.worth ?? null;
    const value = measure === 'tokens' ? (use?.total ?? 0) : worth && Number(worth.amount);
    return {
      deducted: known ? value : null,
      returned: null,
      uncertain: 0,
      coverage:
        measure === 'worth' && use !== undefined && use.total > 0
          ? 1 - use.unpriced_tokens / use.total
          : 1,
      last: null,
      high: null,
      resets: 0,
    };
  });
}
