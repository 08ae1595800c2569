// The time range that a page of charts shows, and the length of its buckets. Both are kept in the address.
import {
  day,
  dayKey,
  firstOfMonth,
  nearMoment,
  shiftDay,
  toMinute,
  zoneMidnight,
} from '../format/time';
import { BUCKET_UNITS, engineUnit, fits, unitFor, type BucketUnit } from '../chart/units';
import type { View } from '../chart/viewport';
import { route } from './route.svelte';
import { t } from './i18n.svelte';
import type { Session } from './session.svelte';

export { BUCKET_UNITS } from '../chart/units';
export const PRESETS = ['7d', '30d', '90d', '12m', 'custom'] as const;
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
  /** Exactly what is shown, in milliseconds: whole days, or a span that was drawn on a chart. */
  readonly view = $derived.by((): View => {
    const [since, until] = ['since', 'until'].map((name) =>
      Date.parse(route.place.query.get(name) ?? ''),
    );
    if (this.preset === 'custom' && since !== undefined && until !== undefined && since < until) {
      return { from: since, to: until };
    }
    const { zone } = this.session;
    return { from: zoneMidnight(this.from, zone), to: zoneMidnight(shiftDay(this.to, 1), zone) };
  });
  readonly possible = $derived<Record<BucketUnit, boolean>>({
    hour: fits('hour', this.view),
    day: fits('day', this.view),
    week: fits('week', this.view),
    month: fits('month', this.view),
  });
  readonly by = $derived.by((): BucketUnit => {
    const requested = BUCKET_UNITS.find((one) => one === route.place.query.get('by'));
    if (requested !== undefined && this.possible[requested]) return requested;
    return this.preset === '12m' ? 'month' : unitFor(this.view);
  });
  /** The query for the engine. Its end is exclusive, so it is the day after the last one. Weeks are given whole. */
  readonly query = $derived.by(() => ({
    by: engineUnit(this.by),
    from: this.by === 'week' ? monday(this.from) : this.from,
    to: shiftDay(this.to, 1),
  }));

  /** The spans that were shown before, the last one last. */
  #before = $state.raw<Record<string, string>[]>([]);

  set(change: Record<string, string | number | null>): void {
    this.#go({ ...Object.fromEntries(route.place.query), since: null, until: null, ...change });
  }

  #go(query: Record<string, string | number | null>): void {
    const now = Object.fromEntries(route.place.query);
    const spanOf = (of: Record<string, unknown>): string =>
      ['span', 'from', 'to', 'since', 'until'].map((name) => of[name] ?? '').join(' ');
    if (spanOf(now) !== spanOf(query)) this.#before = [...this.#before.slice(-20), now];
    route.replace(query);
  }

  /** Shows a span that was drawn, in bars that suit it. */
  look(view: View): void {
    const { zone } = this.session;
    const from = dayKey(view.from, zone);
    const to = dayKey(view.to - 1, zone);
    const last = to < this.today ? to : this.today;
    const whole =
      zoneMidnight(from, zone) === view.from && zoneMidnight(shiftDay(to, 1), zone) === view.to;

    this.#go({
      ...Object.fromEntries(route.place.query),
      span: 'custom',
      from,
      to: last,
      since: whole ? null : toMinute(view.from),
      until: whole ? null : toMinute(view.to),
      by: null,
    });
  }

  /** Goes back to the span before; absent where there is none. */
  get back(): (() => void) | undefined {
    const before = this.#before.at(-1);
    if (before === undefined) return undefined;
    return () => {
      this.#before = this.#before.slice(0, -1);
      // Filters that were changed since stay.
      const { account = null, machine = null } = Object.fromEntries(route.place.query);
      route.replace({ ...before, account, machine });
    };
  }

  /** What the span before is called. */
  get backName(): string {
    const before = this.#before.at(-1);
    const preset = PRESETS.find((one) => one === before?.['span']) ?? '30d';
    if (preset !== 'custom') return t(`span-${preset}`);
    const { from = '', to = '' } = before ?? {};
    return from === to ? shortDay(from) : `${shortDay(from)} – ${shortDay(to)}`;
  }

  /** The span in words. */
  get name(): string {
    const { now, zone } = this.session;
    const { from, to } = this.view;
    if (route.place.query.get('since') !== null && this.preset === 'custom') {
      return `${nearMoment(from, zone, now)} – ${nearMoment(to, zone, now)}`;
    }
    const [first, last] = [this.from, this.to].map((one) => day(`${one}T12:00:00Z`, 'UTC', now));
    return this.from === this.to ? (first ?? '') : `${first} – ${last}`;
  }
}

const shortDay = (key: string): string =>
  isDay(key) ? day(`${key}T12:00:00Z`, 'UTC', Date.parse(key)) : key;

/** The Monday of a day. */
const monday = (key: string): string =>
  shiftDay(key, -((new Date(`${key}T00:00:00Z`).getUTCDay() + 6) % 7));
