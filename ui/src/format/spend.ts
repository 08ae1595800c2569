// What was used and spent today and this month, over all accounts. Tokens, worth and money stay apart.
import type { AccountCard, Money, Usage } from '../api/types';

/** A sum a currency; `null` where it is not known of any account. */
export function sumMoney(amounts: readonly (Money | null)[]): Money[] {
  const sums = new Map<string, number>();
  for (const one of amounts) {
    if (one !== null) sums.set(one.currency, (sums.get(one.currency) ?? 0) + Number(one.amount));
  }
  return [...sums]
    .map(([currency, sum]) => ({ currency, amount: String(Math.round(sum * 1e8) / 1e8) }))
    .sort((a, b) => a.currency.localeCompare(b.currency));
}

export interface Spend {
  /** Today, then this month. */
  tokens: [number, number];
  /** `null` where tokens were used and none of them has a price. */
  worth: [Money | null, Money | null];
  /** Some of the tokens have no price: `worth` is the least that they are worth. */
  least: [boolean, boolean];
}

/** The usage of today and of the month. `usage` is by day, of this month. */
export function spendOf(usage: Usage, today: string): Spend {
  const at = usage.buckets.findIndex(({ key }) => key === today);
  const day = usage.used[at];
  const nothing = { amount: '0', currency: usage.currency };
  return {
    tokens: [day?.total ?? 0, usage.totals.total],
    worth: [day === undefined ? nothing : day.worth, usage.totals.worth],
    least: [(day?.unpriced_tokens ?? 0) > 0, usage.totals.unpriced_tokens > 0],
  };
}

/** What was taken from balances today and this month, a sum a currency. */
export const spentMoney = (cards: readonly AccountCard[]): [Money[], Money[]] => [
  sumMoney(cards.map(({ balance }) => balance?.spent_today ?? null)),
  sumMoney(cards.map(({ balance }) => balance?.spent_month ?? null)),
];
