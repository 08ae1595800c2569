// What a series adds up to over its buckets.
import type { BucketView, PointView } from '../api/types';

/** `null` where there is no data at all. */
export interface SeriesTotals {
  deducted: number | null;
  returned: number | null;
  credited: number | null;
  expired: number | null;
  uncertain: number;
  resets: number;
  /** Share of the elapsed time that was polled, 0 to 1. */
  coverage: number | null;
}

export function seriesTotals(
  buckets: readonly BucketView[],
  points: readonly PointView[],
  now: number,
): SeriesTotals {
  let polled = 0;
  let length = 0;
  buckets.forEach((bucket, index) => {
    const start = Date.parse(bucket.start);
    const past = Math.min(Date.parse(bucket.end), now) - start;
    if (past <= 0) return;
    length += past;
    polled += past * Math.min(1, Math.max(0, points[index]?.coverage ?? 0));
  });
  return {
    deducted: sumKnown(points.map((point) => point.deducted)),
    returned: sumKnown(points.map((point) => point.returned)),
    credited: sumKnown(points.map((point) => point.credited)),
    expired: sumKnown(points.map((point) => point.expired)),
    uncertain: points.reduce((sum, point) => sum + point.uncertain, 0),
    resets: points.reduce((sum, point) => sum + point.resets, 0),
    coverage: length > 0 ? polled / length : null,
  };
}

/** The sum of the known values; `null` where none is known. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
