// Words of a chart: what a bucket is called, and what happened in it.
import type { BucketView, PointView } from '../api/types';
import { percent, quantity } from '../format/number';
import { clock, day, longDay, month, shortMonth } from '../format/time';
import { t } from '../state/words.svelte';

export type By = 'hour' | 'day' | 'month';

export function asBy(text: string): By {
  return text === 'hour' || text === 'month' ? text : 'day';
}

/** Under the axis: as short as can be. */
export function axisLabel(bucket: BucketView, by: By, zone: string, first: boolean): string {
  if (by === 'hour') {
    const time = clock(bucket.start, zone);
    return first || time === '00:00' ? day(bucket.start, zone, Date.parse(bucket.start)) : time;
  }
  if (by === 'month') {
    const name = shortMonth(bucket.start, zone);
    return first || bucket.key.endsWith('-01') ? `${name} ${bucket.key.slice(0, 4)}` : name;
  }
  return day(bucket.start, zone, Date.parse(bucket.start));
}

/** In a table or a tooltip: in full. */
export function bucketName(bucket: BucketView, by: By, zone: string): string {
  if (by === 'month') return month(bucket.start, zone);
  if (by === 'day') return longDay(bucket.start, zone);
  return `${longDay(bucket.start, zone)}, ${clock(bucket.start, zone)}–${clock(bucket.end, zone)}`;
}

export interface Fact {
  name: string;
  value: string;
}

/** What happened in a bucket, a line a fact. Nothing is said of what was not seen. */
export function facts(point: PointView, unit: string, inner: number | null): Fact[] {
  const lines: Fact[] = [];
  const add = (name: string, value: string): number => lines.push({ name, value });
  if (point.deducted === null) {
    add(t('deducted'), t('not-seen'));
    return lines;
  }
  add(t('deducted'), quantity(point.deducted, unit));
  if (inner !== null) add(t('of-it-code'), quantity(inner, unit));
  if (point.uncertain > 0) add(t('uncertain'), quantity(point.uncertain, unit));
  if ((point.returned ?? 0) > 0) add(t('returned'), quantity(point.returned, unit));
  if (point.resets > 0) add(t('resets'), String(point.resets));
  if (point.last !== null) {
    add(unit === 'percent' ? t('last-percent') : t('last-money'), quantity(point.last, unit));
  }
  add(t('coverage'), percent(point.coverage * 100));
  return lines;
}

/** The same as one sentence, for screen readers. */
export function sentence(bucket: BucketView, by: By, zone: string, lines: readonly Fact[]): string {
  return [bucketName(bucket, by, zone), ...lines.map((fact) => `${fact.name}: ${fact.value}`)].join(
    ', ',
  );
}
