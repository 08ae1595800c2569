// How dark the cell of a map of values is. Pure.

/** Steps of darkness: with more, neighbours would look the same. The lowest still differs from nothing. */
const STEPS = [0.3, 0.47, 0.64, 0.82, 1];

/** The opacity of a value; 0 for none. */
export function shade(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0;
  const step = Math.min(STEPS.length - 1, Math.floor((value / most) * STEPS.length));
  return STEPS[step] ?? 1;
}

/** The steps with the values from which they begin, for a legend; empty where there is nothing to be seen. */
export const legendSteps = (most: number): { opacity: number; from: number }[] =>
  most > 0 ? STEPS.map((opacity, index) => ({ opacity, from: (most * index) / STEPS.length })) : [];

export interface CalendarDay {
  /** `2026-11-22` */
  key: string;
  /** `null` where there is no data. */
  value: number | null;
  /** After today. */
  outside: boolean;
  /** Before the first reading: there is no data, and nothing to be opened. */
  before: boolean;
}

const DAY = 86_400_000;

/** The weeks of a year from Monday to Sunday; days of other years are `null`. */
export function calendarYear(
  year: number,
  values: ReadonlyMap<string, number | null>,
  first: string,
  today: string,
): (CalendarDay | null)[][] {
  const start = Date.UTC(year, 0, 1);
  const monday = start - ((new Date(start).getUTCDay() + 6) % 7) * DAY;
  const weeks: (CalendarDay | null)[][] = [];
  for (let week = monday; week < Date.UTC(year + 1, 0, 1); week += 7 * DAY) {
    weeks.push(
      Array.from({ length: 7 }, (_, weekday) => {
        const key = new Date(week + weekday * DAY).toISOString().slice(0, 10);
        if (!key.startsWith(String(year))) return null;
        const [before, outside] = [key < first, key > today];
        const value = before || outside ? null : (values.get(key) ?? null);
        return { key, value, outside, before };
      }),
    );
  }
  return weeks;
}

/**
 * The first day of the month that is named above a week: of one that has begun with it. A month that begins within a week
 * is named above the next.
 */
export function monthOfWeek(
  weeks: readonly (CalendarDay | null)[][],
  index: number,
): string | null {
  const monthAt = (at: number): string | null => {
    // The first week of a year begins in the year before.
    const day = weeks[at]?.[0] ?? (at === 0 ? weeks[0]?.find((one) => one !== null) : null);
    return day?.key.slice(0, 7) ?? null;
  };
  const month = monthAt(index);
  // What has not begun is not named.
  if (weeks[index]?.every((day) => day === null || day.outside)) return null;
  return month === null || (index > 0 && monthAt(index - 1) === month) ? null : `${month}-01`;
}

/** Sums by weekday from Monday and hour of a zone's clock. `clockOf` gives both of a bucket. */
export function byWeekdayAndHour(
  buckets: readonly { start: string; value: number | null }[],
  clockOf: (at: string) => { weekday: number; hour: number },
): number[][] {
  const cells = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));
  for (const { start, value } of buckets) {
    if (value === null || value <= 0) continue;
    const { weekday, hour } = clockOf(start);
    const row = cells[weekday];
    if (row !== undefined) row[hour] = (row[hour] ?? 0) + value;
  }
  return cells;
}
