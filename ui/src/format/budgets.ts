// Budgets: what is typed for one, and how one stands.
import type { Budget, BudgetAmount, BudgetState } from '../api/types';
import { t } from '../state/i18n.svelte';
import { seriesName } from './names';
import { compact, money, percent } from './number';
import { amountOf } from './settings';
import { day } from './time';

export type BudgetUnit = 'CNY' | 'USD' | 'tokens' | '5h' | 'week' | 'month';

export const PERIODS = ['day', 'week', 'month'];

/** What a budget can be of. What a quota loses is not told by project. */
export const budgetUnits = (ofProject: boolean): BudgetUnit[] =>
  ofProject ? ['CNY', 'USD', 'tokens'] : ['CNY', 'USD', 'tokens', '5h', 'week', 'month'];

const TIMES: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, b: 1e9, 万: 1e4, 亿: 1e8 };

/** A count of tokens that was typed, as `5M`, `500万` or `5,000,000`; `null` where it is not valid. */
export function tokensOf(text: string): number | null {
  const found = /^(\d{1,15}(?:\.\d{1,6})?)\s*([kmgb万亿])?$/iu.exec(
    text.trim().replace(/[,_，]/gu, ''),
  );
  if (found === null) return null;
  const count = Math.round(Number(found[1]) * (TIMES[(found[2] ?? '').toLowerCase()] ?? 1));
  return count >= 1 && count <= 1e15 ? count : null;
}

/** A limit that was typed; `null` where it is not valid. */
export function limitOf(unit: BudgetUnit, text: string): BudgetAmount | null {
  if (unit === 'tokens') {
    const tokens = tokensOf(text);
    return tokens === null ? null : { unit: 'tokens', tokens };
  }
  const amount = amountOf(text.replace(/%\s*$/, ''));
  if (amount === null) return null;
  if (unit === 'CNY' || unit === 'USD') return { unit: 'money', money: { amount, currency: unit } };
  return Number(amount) <= 100_000
    ? { unit: 'percent', meter: unit, percent: Number(amount) }
    : null;
}

/** Whether two budgets are for the same: the later takes the place of the earlier. */
export function forTheSame(one: Budget, other: Budget): boolean {
  const kind = ({ limit }: Budget): string => (limit.unit === 'percent' ? limit.meter : limit.unit);
  return (
    one.account_id === other.account_id &&
    one.project === other.project &&
    one.period === other.period &&
    kind(one) === kind(other)
  );
}

function amountText(amount: BudgetAmount): string {
  switch (amount.unit) {
    case 'percent':
      return percent(amount.percent);
    case 'tokens':
      return t('budget-count', { text: compact(amount.tokens), count: amount.tokens });
    case 'money':
      return money(amount.money);
  }
}

/** A limit, with what it is of. */
export const limitText = (limit: BudgetAmount): string =>
  limit.unit === 'percent'
    ? t('budget-of-quota', { percent: percent(limit.percent), meter: seriesName(limit.meter) })
    : amountText(limit);

/** Whose budget it is. */
export const budgetName = ({ account, budget }: BudgetState): string =>
  budget.project === null ? account : t('budget-name', { account, project: budget.project });

/** How it stands: `≥ ¥3.20 of ¥10.00`. */
export function budgetText({ budget, used, is_estimate, is_part }: BudgetState): string {
  if (used === null) return t('budget-unknown', { limit: limitText(budget.limit) });
  const mark = is_part ? '≥ ' : is_estimate ? '≈ ' : '';
  return t('budget-used', { used: `${mark}${amountText(used)}`, limit: limitText(budget.limit) });
}

/** What of the figure is not certain; empty where all is. */
export function budgetDoubt({ budget, used, is_estimate, is_part }: BudgetState): string {
  if (used === null) return '';
  if (is_part) return t(budget.project === null ? 'budget-part-seen' : 'budget-part-priced');
  return is_estimate ? t('budget-estimate') : '';
}

/** Until when it counts. */
export const budgetSpan = ({ budget, to }: BudgetState, zone: string, now: number): string =>
  t('budget-until', {
    period: budget.period,
    // The last day of it.
    day: day(Date.parse(to) - 1000, zone, now),
  });
