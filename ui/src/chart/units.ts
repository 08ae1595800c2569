// The lengths of a chart's bars.
import { length, type View } from './viewport';

export const BUCKET_UNITS = ['hour', 'day', 'week', 'month'] as const;
export type BucketUnit = (typeof BUCKET_UNITS)[number];

const HOUR = 3_600_000;
export const UNIT_LENGTH: Record<BucketUnit, number> = {
  hour: HOUR,
  day: 24 * HOUR,
  week: 7 * 24 * HOUR,
  month: 30 * 24 * HOUR,
};
/** With more bars than this, single ones can no longer be distinguished. */
const MAX_BARS = 400;

/** The longest span, in days, of which bars of this length are few enough. */
export const mostDays = (unit: BucketUnit): number =>
  Math.floor((MAX_BARS * UNIT_LENGTH[unit]) / UNIT_LENGTH.day);

export function asBucketUnit(text: string): BucketUnit {
  return BUCKET_UNITS.find((one) => one === text) ?? 'day';
}

/** Whether bars of this length are neither too many for a span nor longer than it. */
export function fits(unit: BucketUnit, view: View): boolean {
  const count = length(view) / UNIT_LENGTH[unit];
  return count <= MAX_BARS && (unit === 'hour' || unit === 'day' || count > 0.9);
}

/** The length that suits a span: about thirty bars. */
export function unitFor(view: View): BucketUnit {
  const days = length(view) / UNIT_LENGTH.day;
  if (days <= 3.1) return 'hour';
  if (days <= 120) return 'day';
  return days <= 500 ? 'week' : 'month';
}

/** The length that the engine is asked for: weeks are added up from days here. */
export const engineUnit = (unit: BucketUnit): 'hour' | 'day' | 'month' =>
  unit === 'week' ? 'day' : unit;
