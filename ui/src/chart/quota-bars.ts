// The bars of a quota or a balance: what was deducted, by how far it is explained.
import type { BucketView, PointView } from '../api/types';
import type { BarKind } from './bars';
import { sumKnown } from './series-totals';

/** The parts of a deduction, from the foot of a bar up, by the words of their texts and patterns. */
export const EXPLANATIONS = ['fully', 'elsewhere', 'cannot-tell', 'not'] as const;
export type Explanation = (typeof EXPLANATIONS)[number];

/** A deduction by explanation, in the order of `EXPLANATIONS`. What explains a part of it explains that part. */
export function explanationParts(point: Pick<PointView, 'deducted' | 'explained'>): number[] {
  const { deducted, explained } = point;
  // What was never weighed is unknown.
  if (explained === null) return [0, 0, Math.max(0, deducted ?? 0), 0];
  const { fully, partly, elsewhere, cannot_tell, not } = explained;
  return [fully + partly, elsewhere, cannot_tell, not];
}

const time = (bucket: BucketView | undefined): number =>
  bucket === undefined ? 0 : Date.parse(bucket.end) - Date.parse(bucket.start);

/** What several buckets were together. Where some have no data, what is known of the others counts. */
export function mergePoints(
  points: readonly PointView[],
  buckets: readonly BucketView[],
): PointView {
  const sum = (of: (point: PointView) => number): number =>
    points.reduce((all, point) => all + of(point), 0);
  const known = (of: (point: PointView) => number | null): number | null =>
    sumKnown(points.map(of));
  const long = buckets.reduce((all, bucket) => all + time(bucket), 0);
  const covered = points.reduce(
    (all, point, index) => all + point.coverage * time(buckets[index]),
    0,
  );
  const highs = points.flatMap((point) => (point.high === null ? [] : [point.high]));
  const explained = points.flatMap((point) => point.explained ?? []);
  return {
    deducted: known((point) => point.deducted),
    returned: known((point) => point.returned),
    credited: known((point) => point.credited),
    expired: known((point) => point.expired),
    uncertain: sum((point) => point.uncertain),
    coverage: long > 0 ? covered / long : 0,
    last: points.findLast((point) => point.last !== null)?.last ?? null,
    high: highs.length === 0 ? null : Math.max(...highs),
    resets: sum((point) => point.resets),
    explained:
      explained.length === 0
        ? null
        : explained.reduce((all, one) => ({
            fully: all.fully + one.fully,
            partly: all.partly + one.partly,
            elsewhere: all.elsewhere + one.elsewhere,
            not: all.not + one.not,
            cannot_tell: all.cannot_tell + one.cannot_tell,
          })),
  };
}

export const QUOTA_BARS: BarKind<PointView> = {
  parts: explanationParts,
  total: (point) => point.deducted,
  coverage: (point) => point.coverage,
  merge: mergePoints,
};
