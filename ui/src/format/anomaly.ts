// The amount of an anomaly, in as few words as a card has room for.
import type { FindingView } from '../api/types';
import { points } from './findings';

/** Classes whose figures are a level, not a deduction. */
const LEVELS = ['overdue-reset', 'disagreement'];

/** What was taken beyond the expected, in the finding's unit; `null` where that is not the matter or not known. */
export function beyondExpected(finding: FindingView): number | null {
  const { observed, expected, class: name } = finding;
  if (observed === null || name === null || LEVELS.includes(name)) return null;
  const beyond = observed - Math.max(0, expected?.high ?? 0);
  return beyond > 0 ? beyond : null;
}

/** `7 points`, `¥93.55`; empty where there is no amount. */
export function anomalyAmount(finding: FindingView | undefined): string {
  const beyond = finding === undefined ? null : beyondExpected(finding);
  return beyond === null || finding === undefined ? '' : points(beyond, finding.unit);
}
