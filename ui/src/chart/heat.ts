// How dark the cell of a map of values is. Pure.

/** Steps of darkness: with more, neighbours would look the same. The lowest still differs from nothing. */
const STEPS = [0.42, 0.56, 0.7, 0.85, 1];

/** The opacity of a value; 0 for none. */
export function shade(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0;
  const step = Math.min(STEPS.length - 1, Math.floor((value / most) * STEPS.length));
  return STEPS[step] ?? 1;
}

export interface CalendarDay {
  /** `2026-11-22` */
  key: string;
  /** `null` where there is no data. */
  value: number | null;
  /** Before the first reading, or after today. */
  outside: boolean;
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
        const outside = key < first || key > today;
        return { key, value: outside ? null : (values.get(key) ?? null), outside };
      }),
    );
  }
  return weeks;
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
