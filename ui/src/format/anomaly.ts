// The amount of an anomaly, in as few words as a card has room for.
import type { FindingView } from '../api/types';
import { isDeduction } from './findings';
import { takenText } from './taken';

/** `−7 points`, `23–25 points more`, as on the events page; empty where nothing was taken, or nothing is known of it. */
export function anomalyAmount(finding: FindingView | undefined): string {
  if (finding === undefined || !isDeduction(finding)) return '';
  const { beyond, unit } = finding;
  return beyond === null || unit === null ? '' : takenText(beyond, unit);
}
