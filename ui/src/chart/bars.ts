// What is drawn of each bucket: its parts, one on the other. Pure.
import type { BucketView } from '../api/types';
import { UNIT_LENGTH, type BucketUnit } from './units';
import type { View } from './viewport';

export interface Bar<T = unknown> {
  bucket: BucketView;
  start: number;
  end: number;
  /** The parts, in the order of the layers. */
  parts: readonly number[];
  /** `null` where there is no data: that is not zero. */
  total: number | null;
  /** The share of the time that was polled, 0 to 1. */
  coverage: number;
  /** What the bar is of. */
  item: T;
}

/** How a series' answers become bars. */
export interface BarKind<T> {
  parts: (item: T) => readonly number[];
  total: (item: T) => number | null;
  coverage: (item: T) => number;
  /** What several buckets are together. */
  merge: (items: readonly T[], buckets: readonly BucketView[]) => T;
}

export function barsOf<T>(
  kind: BarKind<T>,
  buckets: readonly BucketView[],
  items: readonly T[],
): Bar<T>[] {
  return buckets.flatMap((bucket, index) => {
    const item = items[index];
    return item === undefined ? [] : [barOf(kind, bucket, item)];
  });
}

function barOf<T>(kind: BarKind<T>, bucket: BucketView, item: T): Bar<T> {
  return {
    bucket,
    start: Date.parse(bucket.start),
    end: Date.parse(bucket.end),
    parts: kind.parts(item),
    total: kind.total(item),
    coverage: kind.coverage(item),
    item,
  };
}

/** The Monday of a day such as `2026-11-22`. */
function monday(key: string): string {
  const at = new Date(`${key}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7));
  return at.toISOString().slice(0, 10);
}

/** Days added up to weeks or months. They are cut in the zone already, so that their names say where they belong. */
export function groupDays<T>(
  kind: BarKind<T>,
  days: readonly Bar<T>[],
  unit: BucketUnit,
): Bar<T>[] {
  if (unit !== 'week' && unit !== 'month') return [...days];
  const groups = new Map<string, Bar<T>[]>();
  for (const day of days) {
    const key = unit === 'week' ? monday(day.bucket.key) : day.bucket.key.slice(0, 7);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [day]);
    else group.push(day);
  }
  return [...groups].flatMap(([key, group]) => {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) return [];
    const bucket = { key, start: first.bucket.start, end: last.bucket.end };
    const items = group.map((one) => one.item);
    return [
      barOf(
        kind,
        bucket,
        kind.merge(
          items,
          group.map((one) => one.bucket),
        ),
      ),
    ];
  });
}

/** The first and the last index after it of the bars that reach into a view. */
export function visible(bars: readonly Bar[], view: View): [number, number] {
  return [search(bars, (bar) => bar.end > view.from), search(bars, (bar) => bar.start >= view.to)];
}

/** The first index for which a condition holds that holds for all after it. */
export function search<T>(all: ArrayLike<T>, holds: (one: T) => boolean): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = all[middle];
    if (one !== undefined && holds(one)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether bars hold all of a view that has passed. */
export function cover(bars: readonly Bar[], view: View, bounds: View): boolean {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return false;
  return (
    first.start <= Math.max(view.from, bounds.from) && last.end >= Math.min(view.to, bounds.to)
  );
}

/** What is added up from bar to bar within a view; `null` values add nothing. Ends now. */
export function cumulate(
  bars: readonly Bar[],
  view: View,
  now: number,
): { at: number; value: number }[] {
  const [first, last] = visible(bars, view);
  let value = 0;
  const points = [{ at: view.from, value: 0 }];
  for (const bar of bars.slice(first, last)) {
    if (bar.start > now) break;
    value += bar.total ?? 0;
    points.push({ at: Math.min(bar.end, view.to, now), value });
  }
  return points;
}

/** The longest unit of the two. */
export const coarser = (a: BucketUnit, b: BucketUnit): BucketUnit =>
  UNIT_LENGTH[a] > UNIT_LENGTH[b] ? a : b;
