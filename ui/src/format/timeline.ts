// The events page as a timeline: findings and failures by day.
import type { FailureRow, FindingView } from '../api/types';
import { happenedAt } from './findings';
import { foldFailures } from './folded';
import { dayKey } from './time';

/** A finding, or a run of failed polls; with those of other accounts that say the same. */
export type TimelineRow = { at: string; key: string } & (
  | { finding: FindingView; failure: null }
  | { finding: null; failure: FailureRow; alike?: FailureRow[] }
);

/** The events of a day, or the resets on time of several days without other events. */
export interface TimelineGroup {
  day: string;
  /** A time on its first day, and one on its last day. */
  at: string;
  to: string;
  rows: TimelineRow[];
  resetsOnTime: FindingView[];
}

/** The rows of the timeline, the latest first. */
export function timelineRows(
  findings: readonly FindingView[],
  failures: readonly FailureRow[],
): TimelineRow[] {
  const rows = [
    ...findings.map((finding): TimelineRow => ({
      // When it happened, not when it was found: as in every other place.
      at: happenedAt(finding),
      key: `f${finding.id}`,
      finding,
      failure: null,
    })),
    ...failures.map((failure): TimelineRow => ({
      at: failure.to,
      key: `r${failure.account_id}-${failure.from}-${failure.kind}`,
      finding: null,
      failure,
    })),
  ];
  return rows.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** Groups rows by day. Findings that `collapses` accepts are one line per day. */
export function groupByDay(
  rows: readonly TimelineRow[],
  zone: string,
  collapses: (finding: FindingView) => boolean,
): TimelineGroup[] {
  const groups: TimelineGroup[] = [];
  for (const row of rows) {
    const day = dayKey(row.at, zone);
    let group = groups.at(-1);
    if (group?.day !== day) {
      group = { day, at: row.at, to: row.at, rows: [], resetsOnTime: [] };
      groups.push(group);
    }
    if (row.finding !== null && collapses(row.finding)) group.resetsOnTime.push(row.finding);
    else group.rows.push(row);
  }
  for (const group of groups) group.rows = withFolded(group.rows);
  // Consecutive days without other events are one group.
  return groups.reduce<TimelineGroup[]>((all, group) => {
    const later = all.at(-1);
    if (later !== undefined && later.rows.length + group.rows.length === 0) {
      all.splice(-1, 1, {
        ...later,
        at: group.at,
        resetsOnTime: [...later.resetsOnTime, ...group.resetsOnTime],
      });
    } else all.push(group);
    return all;
  }, []);
}

/** The rows of a day, where failures that say the same of several accounts are one. */
function withFolded(rows: readonly TimelineRow[]): TimelineRow[] {
  const failures = rows.flatMap(({ failure }) => (failure === null ? [] : [failure]));
  const alike = new Map(foldFailures(failures).map(([first, ...others]) => [first, others]));
  return rows.flatMap((row): TimelineRow[] => {
    if (row.failure === null) return [row];
    const others = alike.get(row.failure);
    return others === undefined ? [] : [{ ...row, alike: others }];
  });
}
