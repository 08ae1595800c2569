// How near the request and token rates of an account are to its limits.
import type { AccountUse, RateView } from '../api/types';

export const SPANS = ['minute', 'hour', 'day'] as const;

/** From these shares of a limit on, in percent, a rate is near it, and about to be refused. */
const NEAR = 75;
const OVER = 90;

export interface RateCell {
  value: number | null;
  /** The share of the limit in percent; `null` without a value or a limit. */
  share: number | null;
  level: 'over' | 'near' | '';
}

export interface RateRow {
  limit: string;
  most: number | null;
  /** By span; `null` where the limit cannot be compared with it. */
  cells: (RateCell | null)[];
}

export function rateRows({ rates, limits }: AccountUse): RateRow[] {
  const rows = [
    ['concurrency', (rate) => rate.greatest_concurrency, limits.concurrency],
    ['requests-per-minute', (rate) => rate.most_requests_a_minute, limits.requests_per_minute],
    ['tokens-per-minute', (rate) => rate.most_tokens_a_minute, limits.tokens_per_minute],
    ['tokens-per-day', (rate) => rate.tokens, limits.tokens_per_day],
  ] satisfies [string, (rate: RateView) => number | null, number | null][];
  return rows.map(([limit, read, most]) => ({
    limit,
    most,
    cells: SPANS.map((span) => {
      // Only the whole day can be compared with a limit per day.
      if (limit === 'tokens-per-day' && span !== 'day') return null;
      const value = read(rates[span]);
      const share = value && most ? (100 * value) / most : null;
      const level = share === null || share < NEAR ? '' : share < OVER ? 'near' : 'over';
      return { value, share, level };
    }),
  }));
}

/** Whether a rate was near its limit within the last day. */
export const isHurried = (account: AccountUse): boolean =>
  rateRows(account).some(({ cells }) => cells.some((cell) => cell !== null && cell.level !== ''));
