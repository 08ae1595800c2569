// What an anomaly took, in as few words as a card has room for; the events page and the report have the same.
import type { FindingView, Interval } from '../api/types';
import { t } from '../state/i18n.svelte';
import { isDeduction, points } from './findings';
import { plainNumber } from './number';

/**
 * The amount of a range: `14 points`, `26–28 points`, `¥98.16`. Points have no decimals where both ends are of ten or
 * more and stay apart: a range is no exact figure. The report has the same.
 */
export function beyondText({ low, high }: Interval, unit: string): string {
  const whole = unit === 'percent' && low >= 10 && Math.round(low) < Math.round(high);
  const [from, to] = whole ? [Math.round(low), Math.round(high)] : [low, high];
  const [least, most] = [points(from, unit), points(to, unit)];
  if (least === most) return most;
  return t('range-short', {
    low: unit === 'percent' ? plainNumber(Math.round(from * 10) / 10) : least,
    high: most,
  });
}

/** What an anomaly took: `−7 points`; a range has no sign before it: `26–28 points more`. */
export function takenText(beyond: Interval, unit: string): string {
  const amount = beyondText(beyond, unit);
  return points(beyond.low, unit) === points(beyond.high, unit)
    ? `−${amount}`
    : t('taken-more', { amount });
}

/** The same of a finding; empty where nothing was taken, or nothing is known of it. */
export function anomalyAmount(finding: FindingView | undefined): string {
  if (finding === undefined || !isDeduction(finding)) return '';
  const { beyond, unit } = finding;
  return beyond === null || unit === null ? '' : takenText(beyond, unit);
}
