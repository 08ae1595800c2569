// The amount of an anomaly, in as few words as a card has room for, and which of several matters most.
import type { FindingView, Interval } from '../api/types';
import { t } from '../state/i18n.svelte';
import { points } from './findings';
import { plainNumber } from './number';

/** Classes whose figures are a level, not a deduction. */
const LEVELS = ['overdue-reset', 'disagreement'];

/** What was taken beyond the expected, in the finding's unit; `null` where that is not the matter or not known. */
function beyondExpected(finding: FindingView): Interval | null {
  const { observed, expected, beyond, class: name } = finding;
  if (name === null || LEVELS.includes(name)) return null;
  const taken =
    beyond ??
    (observed === null
      ? null
      : {
          low: observed - Math.max(0, expected?.high ?? 0),
          high: observed - Math.max(0, expected?.low ?? 0),
        });
  return taken === null || taken.low <= 0 ? null : taken;
}

/** `7 points`, `23–25 points`, `¥93.55`; empty where there is no amount. */
export function anomalyAmount(finding: FindingView | undefined): string {
  const beyond = finding === undefined ? null : beyondExpected(finding);
  if (beyond === null || finding === undefined) return '';
  const [low, high] = [points(beyond.low, finding.unit), points(beyond.high, finding.unit)];
  if (low === high) return high;
  const least = finding.unit === 'percent' ? plainNumber(Math.round(beyond.low * 10) / 10) : low;
  return t('range-short', { low: least, high });
}

/** Whether an anomaly waits for the user. */
export const isOpen = (one: FindingView): boolean =>
  one.kind === 'anomaly' &&
  one.state === 'open' &&
  one.withdrawn === null &&
  one.recovered_by === null;

/** The gravest first: by severity, then by what was taken. Points and money are compared as numbers, roughly. */
export function byGravity(findings: readonly FindingView[]): FindingView[] {
  const rank = (one: FindingView): number => (one.severity === 'critical' ? 0 : 1);
  const size = (one: FindingView): number => beyondExpected(one)?.high ?? 0;
  return [...findings].sort((a, b) => rank(a) - rank(b) || size(b) - size(a));
}
