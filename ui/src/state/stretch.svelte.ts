// The stretch of time that a page of charts shows, and how finely. It is kept in the address.
import { dayKey, firstOfMonth, shiftDay } from '../format/time';
import type { BucketView } from '../api/types';
import type { By } from '../chart/labels';
import { route } from './route.svelte';
import type { Session } from './session.svelte';

export const SPANS = ['7d', '30d', '90d', '12m', 'custom'] as const;
export const BYS: readonly By[] = ['hour', 'day', 'month'];
/** More bars than this say nothing. */
const MOST_BUCKETS = 400;

export const isDay = (text: string | null): text is string => /^\d{4}-\d\d-\d\d$/.test(text ?? '');

export class Stretch {
  constructor(private readonly session: Session) {}

  /** The day on which the pinned zone is now. */
  readonly today = $derived.by(() => dayKey(this.session.now, this.session.zone));
  readonly span = $derived(
    SPANS.find((one) => one === route.place.query.get('span')) ?? ('30d' as const),
  );
  /** The first day. */
  readonly from = $derived.by((): string => {
    const given = route.place.query.get('from');
    if (this.span === 'custom') return isDay(given) ? given : shiftDay(this.today, -13);
    if (this.span === '12m') return firstOfMonth(this.today, -11);
    return shiftDay(this.today, 1 - Number.parseInt(this.span));
  });
  /** The last day. */
  readonly to = $derived.by((): string => {
    const given = route.place.query.get('to');
    return this.span === 'custom' && isDay(given) ? given : this.today;
  });
  readonly #days = $derived(
    Math.max(1, Math.round((Date.parse(this.to) - Date.parse(this.from)) / 86_400_000) + 1),
  );
  readonly possible = $derived<Record<By, boolean>>({
    hour: this.#days * 24 <= MOST_BUCKETS,
    day: this.#days <= MOST_BUCKETS,
    month: this.#days > 27,
  });
  readonly by = $derived.by((): By => {
    const asked = BYS.find((one) => one === route.place.query.get('by'));
    if (asked !== undefined && this.possible[asked]) return asked;
    if (this.span === '12m' || this.#days > MOST_BUCKETS) return 'month';
    return this.#days <= 2 ? 'hour' : 'day';
  });
  /** What the engine is asked for. A day names its first instant: the span ends with the first one of the day after. */
  readonly asked = $derived({ by: this.by, from: this.from, to: shiftDay(this.to, 1) });

  set(change: Record<string, string | number | null>): void {
    route.replace({ ...Object.fromEntries(route.place.query), ...change });
  }

  /** Looks closer at one bucket; absent where it cannot get closer. */
  get closer(): ((bucket: BucketView) => void) | undefined {
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
