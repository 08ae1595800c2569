// Shares of a quota as people read them. What was used over several cycles is no percentage of anything: it is so many
// cycles.
import { i18n, t } from '../state/i18n.svelte';
import { percent, plainNumber, quantity } from './number';

/** What was deducted from a series: `43.7%` of one cycle, `12.6 windows` of several; money as money. */
export function used(value: number | null, series: string, unit: string): string {
  if (value === null || unit !== 'percent') return quantity(value, unit);
  return value <= 100 ? percent(value) : cycles(value / 100, series);
}

/** Whole cycles of a quota: `12.6 windows`. */
export function cycles(count: number, series: string): string {
  const id = `cycles-${series}`;
  return t(i18n.has(id) ? id : 'cycles-month', { count: plainNumber(count) });
}

/** Beside an axis whose highest value is above 100 %: in cycles. */
export const cycleAxis = (value: number): string => plainNumber(value / 100);

/** What the numbers of such an axis are: `5-hour windows`. */
export function cycleUnit(series: string): string {
  const id = `cycles-${series}.unit`;
  return i18n.has(id) ? t(id) : t('cycles-month.unit');
}
