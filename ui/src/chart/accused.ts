// What anomalies accuse: of how much they hold that it was taken wrongly.
import type { HistoryMark } from '../api/types';

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
