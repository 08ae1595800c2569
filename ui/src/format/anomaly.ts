// The amount of an anomaly, in as few words as a card has room for, and which of several matters most.
import type { FindingView } from '../api/types';
import { isDeduction } from './findings';
import { takenText } from './taken';

/** `−7 points`, `23–25 points more`, as on the events page; empty where nothing was taken, or nothing is known of it. */
export function anomalyAmount(finding: FindingView | undefined): string {
  if (finding === undefined || !isDeduction(finding)) return '';
  const { beyond, unit } = finding;
  return beyond === null || unit === null ? '' : takenText(beyond, unit);
}

/** The gravest first: by severity, then by what was taken. Points and money are compared as numbers, roughly. */
export function byGravity(findings: readonly FindingView[]): FindingView[] {
  const rank = (one: FindingView): number => (one.severity === 'critical' ? 0 : 1);
  const size = (one: FindingView): number => (isDeduction(one) ? (one.beyond?.high ?? 0) : 0);
  return [...findings].sort((a, b) => rank(a) - rank(b) || size(b) - size(a));
}
