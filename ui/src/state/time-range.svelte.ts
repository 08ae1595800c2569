// The time range that a page of charts shows, and the length of its buckets. Both are kept in the address.
import { dayKey, firstOfMonth, shiftDay } from '../format/time';
import type { BucketView } from '../api/types';
import type { BucketUnit } from '../chart/labels';
import { route } from './route.svelte';
import type { Session } from './session.svelte';

export const PRESETS = ['7d', '30d', '90d', '12m', 'custom'] as const;
export const BUCKET_UNITS: readonly BucketUnit[] = ['hour', 'day', 'month'];
/** With more bars than this, single ones can no longer be distinguished. */
const MAX_BUCKETS = 400;

export const isDay = (text: string | null): text is string => /^\d{4}-\d\d-\d\d$/.test(text ?? '');

export class TimeRange {
  constructor(private readonly session: Session) {}

  /** Today in the pinned time zone. */
  readonly today = $derived.by(() => dayKey(this.session.now, this.session.zone));
  readonly preset = $derived(
    PRESETS.find((one) => one === route.place.query.get('span')) ?? ('30d' as const),
  );
  /** The first day. */
  readonly from = $derived.by((): string => {
    const given = route.place.query.get('from');
    if (this.preset === 'custom') return isDay(given) ? given : shiftDay(this.today, -13);
    if (this.preset === '12m') return firstOfMonth(this.today, -11);
    return shiftDay(this.today, 1 - Number.parseInt(this.preset));
  });
  /** The last day. */
  readonly to = $derived.by((): string => {
    const given = route.place.query.get('to');
    return this.preset === 'custom' && isDay(given) ? given : this.today;
  });
  readonly #days = $derived(
    Math.max(1, Math.round((Date.parse(this.to) - Date.parse(this.from)) / 86_400_000) + 1),
  );
  readonly possible = $derived<Record<BucketUnit, boolean>>({
    hour: this.#days * 24 <= MAX_BUCKETS,
    day: this.#days <= MAX_BUCKETS,
    month: this.#days > 27,
  });
  readonly by = $derived.by((): BucketUnit => {
    const requested = BUCKET_UNITS.find((one) => one === route.place.query.get('by'));
    if (requested !== undefined && this.possible[requested]) return requested;
    if (this.preset === '12m' || this.#days > MAX_BUCKETS) return 'month';
    return this.#days <= 2 ? 'hour' : 'day';
  });
  /** The query for the engine. Its end is exclusive, so it is the day after the last one. */
  readonly query = $derived({ by: this.by, from: this.from, to: shiftDay(this.to, 1) });

  set(change: Record<string, string | number | null>): void {
    route.replace({ ...Object.fromEntries(route.place.query), ...change });
  }

  /** Zooms in on one bucket; absent where buckets are already the smallest. */
  get zoom(): ((bucket: BucketView) => void) | undefined {
    if (this.by === 'hour') return undefined;
    return (bucket) => {
      const last = dayKey(Date.parse(bucket.end) - 1, this.session.zone);
      this.set({
        span: 'custom',
        from: dayKey(bucket.start, this.session.zone),
        to: last < this.today ? last : this.today,
        by: this.by === 'month' ? 'day' : 'hour',
      });
    };
  }
}
