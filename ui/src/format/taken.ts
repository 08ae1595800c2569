// What an anomaly took, in as few words as a row has room for. The report has the same.
import type { Interval } from '../api/types';
import { t } from '../state/i18n.svelte';
import { difference } from './findings';
import { plainNumber } from './number';

/**
 * The amount of a range: `14 points`, `26–28 points`, `¥98.16`. Points have no decimals where both ends are of ten or
 * more and stay apart: a range is no exact figure. The report has the same.
 */
export function beyondText({ low, high }: Interval, unit: string): string {
  const whole = unit === 'percent' && low >= 10 && Math.round(low) < Math.round(high);
  const [from, to] = whole ? [Math.round(low), Math.round(high)] : [low, high];
  const [least, most] = [difference(from, unit), difference(to, unit)];
  if (least === most) return most;
  return t('range-short', {
    low: unit === 'percent' ? plainNumber(Math.round(from * 10) / 10) : least,
    high: most,
  });
}

/** What an anomaly took: `−7 points`; a range has no sign before it: `26–28 points more`. */
export function takenText(beyond: Interval, unit: string): string {
  const amount = beyondText(beyond, unit);
  return difference(beyond.low, unit) === difference(beyond.high, unit)
    ? `−${amount}`
    : t('taken-more', { amount });
}
