// The ticks of a time axis: hours, days, months or years of a zone, far enough apart for their labels. Pure.
import {
  clock,
  day,
  dayKey,
  monthOfYear,
  shiftDay,
  shortMonth,
  zoneMidnight,
} from '../format/time';
import type { Bar } from './bars';
import { length, type View } from './viewport';

/** The room that a label takes, in pixels at the usual size of text. */
export const LABEL_WIDTH = 64;

export interface TimeTick {
  at: number;
  label: string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
type Step = ['hour' | 'day' | 'month', number];
const STEPS: [number, Step][] = [
  [HOUR, ['hour', 1]],
  [2 * HOUR, ['hour', 2]],
  [3 * HOUR, ['hour', 3]],
  [6 * HOUR, ['hour', 6]],
  [12 * HOUR, ['hour', 12]],
  [DAY, ['day', 1]],
  [2 * DAY, ['day', 2]],
  [4 * DAY, ['day', 4]],
  [7 * DAY, ['day', 7]],
  [14 * DAY, ['day', 14]],
  [30 * DAY, ['month', 1]],
  [61 * DAY, ['month', 2]],
  [91 * DAY, ['month', 3]],
  [182 * DAY, ['month', 6]],
  [365 * DAY, ['month', 12]],
];

/** Ticks of a view that is `width` pixels wide and whose labels are `wide` pixels wide. */
export function timeTicks(view: View, width: number, wide: number, zone: string): TimeTick[] {
  const least = (length(view) * wide) / Math.max(1, width);
  const [, [unit, step]] = STEPS.find(([long]) => long >= least) ?? [0, ['month', 24] as Step];
  const ticks: TimeTick[] = [];
  const first = dayKey(view.from, zone);
  if (unit === 'hour') {
    let midnight = zoneMidnight(first, zone);
    for (let at = midnight; at < view.to; at += step * HOUR) {
      // Ticks start over on the day after a change of clocks.
      const today = zoneMidnight(dayKey(at, zone), zone);
      if (today !== midnight) [midnight, at] = [today, today];
      if (at < view.from) continue;
      const label = at === midnight ? day(at, zone, at) : clock(at, zone);
      ticks.push({ at, label: ticks.length === 0 && at !== midnight ? day(at, zone, at) : label });
    }
    return ticks;
  }
  if (unit === 'day') {
    // Counted from a fixed Monday, so that ticks stay where they are while a view is moved.
    const offset = Math.round((Date.parse(`${first}T00:00:00Z`) - Date.UTC(2024, 0, 1)) / DAY);
    let key = shiftDay(first, (step - (((offset % step) + step) % step)) % step);
    for (let at = zoneMidnight(key, zone); at < view.to;) {
      if (at >= view.from) ticks.push({ at, label: day(at, zone, at) });
      key = shiftDay(key, step);
      at = zoneMidnight(key, zone);
    }
    return ticks;
  }
  const [year = 0, january = 1] = first.split('-').map(Number);
  let month = Math.floor((january - 1) / step) * step;
  for (;;) {
    const key = `${String(year + Math.floor(month / 12))}-${String((month % 12) + 1).padStart(2, '0')}-01`;
    const at = zoneMidnight(key, zone);
    if (at >= view.to) return ticks;
    if (at >= view.from) {
      const isFirst = month % 12 === 0;
      const label =
        step === 12
          ? key.slice(0, 4)
          : isFirst || ticks.length === 0
            ? monthOfYear(at, zone)
            : shortMonth(at, zone);
      ticks.push({ at, label });
    }
    month += step;
  }
}

/** A label and where it stands. */
export interface Label {
  at: number;
  label: string;
  x: number;
}

const middle = (bar: Bar, x: (at: number) => number): number => (x(bar.start) + x(bar.end)) / 2;

/** Of bars that are days, those at whose beginning there is a tick: each day has one name. */
export function dayLabels(
  bars: readonly Bar[],
  ticks: readonly TimeTick[],
  x: (at: number) => number,
): Label[] {
  return ticks.flatMap(({ at, label }) => {
    const bar = bars.find((one) => one.start === at);
    return bar === undefined ? [] : [{ at, label, x: middle(bar, x) }];
  });
}

/** Of bars that are months, as many as have room. The first one and each January name the year. */
export function monthLabels(
  bars: readonly Bar[],
  x: (at: number) => number,
  wide: number,
  zone: string,
): Label[] {
  const labels: Label[] = [];
  for (const bar of bars) {
    const place = middle(bar, x);
    const last = labels.at(-1);
    if (last !== undefined && place - last.x < wide) continue;
    const isJanuary = dayKey(bar.start, zone).slice(5, 7) === '01';
    const name = last === undefined || isJanuary ? monthOfYear : shortMonth;
    labels.push({ at: bar.start, label: name(bar.start, zone), x: place });
  }
  return labels;
}
