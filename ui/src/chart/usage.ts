// Facts and bars of local usage. The worth of tokens without a price is unknown, and so is a share of nothing.
import type { BucketView, PointView, UseView } from '../api/types';
import { compact, count, money, percent } from '../format/number';
import { t } from '../state/i18n.svelte';
import type { Fact } from './labels';

export type Measure = 'tokens' | 'worth';

/** The facts about tokens or worth, always the same number of them: they are columns of a table, too. */
export function usageFacts(use: UseView, measure: Measure, exact: boolean): Fact[] {
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

/** The values of the bars. A bucket whose tokens have no price is drawn as one without data. */
export function usagePoints(
  buckets: readonly BucketView[],
  used: readonly UseView[],
  measure: Measure,
  now: number,
): PointView[] {
  return buckets.map((bucket, index) => {
    const use = used[index];
    const worth = use?.worth ?? null;
    const value = measure === 'tokens' ? (use?.total ?? null) : worth && Number(worth.amount);
    return {
      deducted: Date.parse(bucket.start) > now ? null : value,
      returned: null,
      credited: null,
      expired: null,
      uncertain: 0,
      coverage: value === null ? 0 : 1,
      last: null,
      high: null,
      resets: 0,
      explained: null,
    };
  });
}
