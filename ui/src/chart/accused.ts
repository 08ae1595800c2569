// What anomalies accuse: of how much they hold that it was taken wrongly.
import type { HistoryMark } from '../api/types';
import { t } from '../state/i18n.svelte';

/** The anomalies of a series that stand and accuse a deduction. */
export const accusing = (marks: readonly HistoryMark[]): HistoryMark[] =>
  marks.filter((mark) => mark.kind === 'anomaly' && !mark.withdrawn && Boolean(mark.beyond));

/** How many they are, and what they hold to be beyond the expected, at least and at most. */
export function accusedSum(marks: readonly HistoryMark[]): {
  count: number;
  least: number;
  most: number;
} {
  const all = accusing(marks);
  return {
    count: all.length,
    least: all.reduce((sum, mark) => sum + (mark.beyond?.low ?? 0), 0),
    most: all.reduce((sum, mark) => sum + (mark.beyond?.high ?? 0), 0),
  };
}

/**
 * What events name of what is unexplained; the rest was too little at a time for an event. An amount is said only if it
 * is a part of what is unexplained: an event can begin before what is shown.
 */
export function noteOf(
  unexplained: number,
  accused: { count: number; least: number },
  words: (value: number) => string,
): string {
  if (unexplained <= 0) return '';
  if (accused.count === 0) return t('unexplained-small');
  // Sums of rounded figures differ by a little.
  const isPart = accused.least <= unexplained * 1.01 + 0.1;
  if (isPart && words(accused.least) === words(unexplained)) {
    return t('unexplained-whole', { count: accused.count });
  }
  return isPart
    ? t('unexplained-events', { amount: words(accused.least), count: accused.count })
    : t('unexplained-some', { count: accused.count });
}
