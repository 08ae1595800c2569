import { render } from '@testing-library/svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import type { BucketView, Cycle, PointView } from '../api/types';
import { noteOf } from '../chart/accused';
import { barsOf, groupDays } from '../chart/bars';
import { cycleFigures, unused } from '../chart/cycles';
import { change, movers } from '../chart/compare';
import { csv } from '../chart/export';
import { trendPath } from '../chart/geometry';
import { byWeekdayAndHour, calendarYear, legendSteps, monthOfWeek, shade } from '../chart/heat';
import { highest, isDense, levelAt, levelBand, levelPath, levelSeries } from '../chart/level-line';
import { highestBar, scale, stack, type Size } from '../chart/plot';
import { EXPLANATIONS, explanationParts, QUOTA_BARS } from '../chart/quota-bars';
import { sumKnown, seriesTotals } from '../chart/series-totals';
import { dayLabels, monthLabels, timeTicks } from '../chart/time-axis';
import { tooltipPlace } from '../chart/tooltip';
import { clampView, panView, zoomView } from '../chart/viewport';
import { amounts } from '../format/quota';
import { hourOfWeek } from '../format/time';
import { resetPage } from './render';
import Calendar from '../chart/Calendar.svelte';

beforeEach(resetPage);

const SIZE: Size = { width: 640, height: 172, left: 40, right: 4, top: 10, bottom: 36 };
const DAY = 86_400_000;
const START = Date.parse('2026-11-01T00:00:00Z');
const NOW = START + 5.5 * DAY;

const bucket = (index: number): BucketView => ({
  key: `2026-11-0${index + 1}`,
  start: new Date(START + index * DAY).toISOString(),
  end: new Date(START + (index + 1) * DAY).toISOString(),
});
const point = (given: Partial<PointView> = {}): PointView => ({
  deducted: 0,
  returned: 0,
  credited: null,
  expired: null,
  uncertain: 0,
  coverage: 1,
  last: 0,
  high: 0,
  resets: 0,
  explained: null,
  ...given,
});

const POINTS = [
  point({ deducted: 10 }),
  point({ deducted: 20, uncertain: 5, coverage: 0.6 }),
  point({ deducted: null, returned: null, last: null, high: null, coverage: 0 }),
  point({ deducted: 0, resets: 1, returned: 30 }),
  point({
    deducted: 4,
    returned: 50,
    explained: { fully: 1, partly: 0.5, elsewhere: 1, not: 1, cannot_tell: 0.5 },
  }),
  point({ deducted: 0.001, coverage: 0.99 }),
  point({ deducted: null, coverage: 0 }),
];
const BUCKETS = POINTS.map((_, index) => bucket(index));
const BARS = barsOf(QUOTA_BARS, BUCKETS, POINTS);
const VIEW = { from: START, to: START + 7 * DAY };
const AT = scale(VIEW, highestBar(BARS, VIEW), SIZE);
const STACK = stack(BARS, VIEW, AT, SIZE, EXPLANATIONS.length, NOW);

/** The boxes of a path of rectangles. */
const boxes = (path: string) =>
  [...path.matchAll(/M([\d.-]+) ([\d.-]+)h([\d.-]+)v([\d.-]+)/g)].map((found) => {
    const [x = 0, y = 0, width = 0, height = 0] = found.slice(1).map(Number);
    return { x, y, width, height };
  });

describe('bars', () => {
  test('start at the base line and are in proportion', () => {
    // What was never weighed is drawn as unknown.
    const [ten, twenty] = boxes(STACK.layers[2] ?? '');
    expect((ten?.y ?? 0) + (ten?.height ?? 0)).toBeCloseTo(AT.base);
    expect((twenty?.height ?? 0) / (ten?.height ?? 1)).toBeCloseTo(2, 1);
  });

  test('the parts of a deduction stand on each other, in one order, and add up to it', () => {
    expect(explanationParts(POINTS[4] ?? point())).toEqual([1.5, 1, 0.5, 1]);
    const all = STACK.layers.flatMap((path) =>
      boxes(path).filter((one) => one.x > 350 && one.x < 440),
    );
    expect(all).toHaveLength(4);
    for (const [index, one] of all.entries()) {
      const above = all[index + 1];
      if (above !== undefined) expect(above.y + above.height).toBeLessThanOrEqual(one.y + 0.11);
    }
    expect(all.at(-1)?.y).toBeCloseTo(AT.y(4), 0);
  });

  test('the smallest deduction is visible, and zero draws nothing', () => {
    const last = boxes(STACK.layers[2] ?? '').at(-1);
    expect(last?.height).toBeGreaterThanOrEqual(1);
    expect(STACK.layers.flatMap(boxes).filter((one) => one.x > 265 && one.x < 350)).toEqual([]);
  });

  test('a bucket without data is not drawn as zero, nor one that has not begun as one without data', () => {
    const missing = boxes(STACK.missing);
    expect(missing).toHaveLength(2);
    const slot = (SIZE.width - SIZE.left - SIZE.right) / 7;
    expect(missing[0]?.width).toBeCloseTo(slot * 0.4, 0);
    expect(missing[1]?.width).toBeCloseTo(slot, 0);
    expect(missing.every((one) => one.x + one.width < AT.x(NOW))).toBe(true);
  });

  test('stay inside the plot', () => {
    for (const one of [...STACK.layers, STACK.missing].flatMap(boxes)) {
      expect(one.x).toBeGreaterThanOrEqual(SIZE.left - 0.1);
      expect(one.x + one.width).toBeLessThanOrEqual(SIZE.width - SIZE.right + 0.1);
      expect(one.y).toBeGreaterThanOrEqual(SIZE.top - 0.1);
      expect(one.y + one.height).toBeLessThanOrEqual(AT.base + 0.1);
    }
  });

  test('where nothing was deducted there is no scale to be read', () => {
    const quiet = scale(VIEW, 0, SIZE);
    expect(quiet.ticks).toEqual([]);
    expect(Number.isFinite(quiet.y(0))).toBe(true);
  });

  test('days add up to weeks that begin on Monday, and to months', () => {
    const history = fixture.history('day', '2026-09-28', '2026-11-30', 1);
    const series = history.series[0];
    const days = barsOf(QUOTA_BARS, history.buckets, series?.points ?? []);
    for (const unit of ['week', 'month'] as const) {
      const groups = groupDays(QUOTA_BARS, days, unit);
      const sum = (bars: readonly { total: number | null }[]): number =>
        bars.reduce((all, bar) => all + (bar.total ?? 0), 0);
      expect(sum(groups)).toBeCloseTo(sum(days), 6);
      groups.forEach((group, index) => {
        expect(group.start).toBe(index === 0 ? days[0]?.start : groups[index - 1]?.end);
      });
    }
    expect(
      groupDays(QUOTA_BARS, days, 'week')
        .map((bar) => bar.bucket.key)
        .slice(0, 2),
    ).toEqual(['2026-09-28', '2026-10-05']);
    expect(groupDays(QUOTA_BARS, days, 'month').map((bar) => bar.bucket.key)).toEqual([
      '2026-09',
      '2026-10',
      '2026-11',
    ]);
  });
});

describe('a view', () => {
  const bounds = { from: 0, to: 100 * DAY };
  test.each([
    [
      { from: -5 * DAY, to: 5 * DAY },
      { from: 0, to: 10 * DAY },
    ],
    [
      { from: 95 * DAY, to: 105 * DAY },
      { from: 90 * DAY, to: 100 * DAY },
    ],
    [{ from: -50 * DAY, to: 500 * DAY }, bounds],
    [
      { from: 10 * DAY, to: 10 * DAY + 1 },
      { from: 10 * DAY - 900_000, to: 10 * DAY + 900_000 },
    ],
  ])('%o is shown as %o', (wanted, shown) => {
    const found = clampView(wanted, bounds);
    expect(found.from).toBeCloseTo(shown.from, -1);
    expect(found.to).toBeCloseTo(shown.to, -1);
  });

  test('is zoomed around a moment, which stays where it is', () => {
    const zoomed = zoomView({ from: 20 * DAY, to: 40 * DAY }, 25 * DAY, 0.5, bounds);
    expect(zoomed).toEqual({ from: 22.5 * DAY, to: 32.5 * DAY });
    expect(zoomView(zoomed, 25 * DAY, 2, bounds)).toEqual({ from: 20 * DAY, to: 40 * DAY });
  });

  test('is moved up to the ends of what is known, and keeps its length', () => {
    const moved = panView({ from: 20 * DAY, to: 40 * DAY }, -90 * DAY, bounds);
    expect(moved).toEqual({ from: 0, to: 20 * DAY });
  });
});

describe('the line of a level', () => {
  const many = 526_000;
  const step = 300_000;
  const series = levelSeries({
    at: Array.from({ length: many }, (_, index) => START + index * step),
    until: Array.from({ length: many }, (_, index) => START + index * step),
    value: Array.from({ length: many }, (_, index) => (index === 333_333 ? 99 : index % 60)),
    gap: Array.from({ length: many }, (_, index) => index === 400_000),
    resets: [],
  });
  const view = { from: START, to: START + many * step };
  const x = (at: number): number => ((at - view.from) / (view.to - view.from)) * 1000;

  test('of five years has no more points than pixels can show, and keeps the highest', () => {
    const path = levelPath(series, view, x, (value) => 100 - value);
    const points = path.match(/[ML]/g)?.length ?? 0;
    expect(points).toBeLessThan(5000);
    expect(path).toContain(' 1L');
    expect(highest(series, view)).toBe(99);
  });

  test('of many values is the area between the lowest and the highest, in two pieces about the gap', () => {
    expect(isDense(series, view, 1000)).toBe(true);
    const band = levelBand(series, view, x, (value) => 100 - value);
    expect(band.match(/M/g)).toHaveLength(2);
    expect(band.match(/L/g)?.length).toBeLessThan(2100);
    expect(band).toContain(' 0.2');
  });

  test('breaks where there is no data', () => {
    const near = { from: START + 399_990 * step, to: START + 400_010 * step };
    const path = levelPath(series, near, x, (value) => value);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(levelAt(series, START + 399_999.5 * step)).toBeNull();
    expect(levelAt(series, START + 400_001 * step)).toBe(400_001 % 60);
  });
});

describe('the ticks of a time axis', () => {
  test.each([
    ['three hours', 3 / 24],
    ['two days', 2],
    ['a month', 30],
    ['a year', 365],
    ['five years', 1826],
  ])('of %s are apart and inside', (_, days) => {
    const view = { from: START, to: START + days * DAY };
    const ticks = timeTicks(view, 640, 64, 'Europe/Berlin');
    expect(ticks.length).toBeGreaterThan(0);
    ticks.forEach((tick, index) => {
      expect(tick.at).toBeGreaterThanOrEqual(view.from);
      expect(tick.at).toBeLessThan(view.to);
      const before = ticks[index - 1];
      // Months are not equally long.
      if (before !== undefined) {
        expect(((tick.at - before.at) / (view.to - view.from)) * 640).toBeGreaterThan(54);
      }
    });
  });

  test('stand at midnight of the zone across a change of clocks', () => {
    const view = {
      from: Date.parse('2026-10-24T00:00:00Z'),
      to: Date.parse('2026-10-28T00:00:00Z'),
    };
    const ticks = timeTicks(view, 640, 64, 'Europe/Berlin');
    expect(ticks.filter(({ label }) => !label.includes(':')).map(({ at }) => at)).toContain(
      Date.parse('2026-10-25T23:00:00Z'),
    );
  });
});

describe('a tooltip', () => {
  test.each([[{ x: 5, y: 400 }], [{ x: 395, y: 850 }], [{ x: 200, y: -40 }], [{ x: 30, y: 30 }]])(
    'at %o is inside the window',
    (at) => {
      const [tip, window] = [
        { width: 300, height: 200 },
        { width: 400, height: 860 },
      ];
      const { left, top } = tooltipPlace(at, tip, window);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + tip.width).toBeLessThanOrEqual(window.width);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(top + tip.height).toBeLessThanOrEqual(window.height);
    },
  );
});

test.each([
  ['5h', 1450, ['14.5 windows', '0.55 windows', '0.01 windows'], '0.5', '5-hour windows'],
  ['5h', 90, ['1,450 points', '55.1 points', '0.1 points'], '50', 'Points'],
  ['month', 113.3, ['1,450 points', '55.1 points', '0.1 points'], '50', 'Points'],
  [
    'month',
    1200,
    ['14.5 monthly quotas', '0.55 monthly quotas', '0.01 monthly quotas'],
    '0.5',
    'monthly quotas',
  ],
  ['balance:CNY', 900, ['CN¥1,450.00', 'CN¥55.10', 'CN¥0.02'], 'CN¥50', ''],
])('a chart of %s with a sum of %d has one unit', (series, sum, words, axis, title) => {
  const [, currency = 'percent'] = series.split(':');
  const unit = amounts(series, currency, sum);
  expect([1450, 55.1, 0.02].map(unit.words)).toEqual(words.map((one) => one.replace('CN¥', '¥')));
  expect(unit.axis(50)).toBe(axis.replace('CN¥', '¥'));
  expect(unit.axisTitle).toBe(title);
  expect(unit.words(null)).toBe('–');
});

test('events are said to be a part of what is unexplained only if they are', () => {
  const words = (value: number): string => `${value} points`;
  expect(noteOf(7, { count: 1, least: 7 }, words)).toBe('(in one event)');
  expect(noteOf(7, { count: 2, least: 7 }, words)).toBe('(in 2 events)');
  expect(noteOf(9, { count: 2, least: 7 }, words)).toBe('(7 points in 2 events)');
  expect(noteOf(4.1, { count: 2, least: 24.8 }, words)).toBe('(partly in 2 events)');
  expect(noteOf(3, { count: 0, least: 0 }, words)).toBe('(too little at a time for an event)');
  expect(noteOf(0, { count: 0, least: 0 }, words)).toBe('');
});

describe('names below bars', () => {
  const bar = (from: string, to: string) => {
    const [start, end] = [Date.parse(from), Date.parse(to)];
    return { bucket: bucket(0), item: null, parts: [], total: 1, coverage: 1, start, end };
  };
  const x = (at: number): number => (at - START) / DAY;

  test('of days are below their middle, one for each day', () => {
    const days = [
      bar('2026-11-01T00:00Z', '2026-11-02T00:00Z'),
      bar('2026-11-02T00:00Z', '2026-11-03T00:00Z'),
    ];
    const ticks = [0, 0.5, 1].map((day) => ({ at: START + day * DAY, label: String(day) }));
    expect(dayLabels(days, ticks, x).map(({ label, x }) => [label, x])).toEqual([
      ['0', 0.5],
      ['1', 1.5],
    ]);
  });

  test('of months have a year at first and in January, and room between them', () => {
    const months = ['2026-10', '2026-11', '2026-12', '2027-01', '2027-02'].map(
      (month, index, all) => bar(`${month}-01T00:00Z`, `${all[index + 1] ?? '2027-03'}-01T00:00Z`),
    );
    const named = (wide: number): string[] =>
      monthLabels(months, x, wide, 'UTC').map((one) => one.label);
    expect(named(1)).toEqual(['Oct 2026', 'Nov', 'Dec', 'Jan 2027', 'Feb']);
    expect(named(40)).toEqual(['Oct 2026', 'Dec', 'Feb']);
  });
});

test('figures of cycles leave out those without use, and average only those that ended', () => {
  const cycle = (given: Partial<Cycle>): Cycle => ({
    start: '2026-11-01T00:00:00Z',
    end: '2026-11-01T05:00:00Z',
    peak: 0,
    used: 0,
    emptied_at: null,
    gap: false,
    partial: false,
    ...given,
  });
  const all = [
    cycle({}),
    cycle({ peak: 40 }),
    cycle({ peak: 100, emptied_at: '2026-11-01T03:00:00Z' }),
    cycle({ peak: 90, end: null }),
  ];
  expect(cycleFigures(all)).toEqual({ count: 2, average: 70, fullest: 100, emptied: 1, idle: 1 });
  expect(all.map(unused)).toEqual([100, 60, 0, null]);
});

test('a cell that a spreadsheet would take for a formula stays text', () => {
  expect(csv([['a,b', '=1+1', '-3', 'say "hi"']])).toBe('\uFEFF"a,b",\'=1+1,-3,"say ""hi"""\r\n');
});

describe('totals', () => {
  test('add known values and weigh coverage by elapsed time', () => {
    const sums = seriesTotals(BUCKETS, POINTS, NOW);
    expect(sums).toMatchObject({ uncertain: 5, resets: 1, returned: 80 });
    expect(sums.deducted).toBeCloseTo(34.001);
    expect(sums.coverage).toBeCloseTo((1 + 0.6 + 0 + 1 + 1 + 0.99 * 0.5) / 5.5);
  });

  test('without data are unknown, not zero', () => {
    const unseen = seriesTotals(
      BUCKETS,
      BUCKETS.map(() => point({ deducted: null, returned: null, coverage: 0 })),
      NOW,
    );
    expect(unseen).toMatchObject({ deducted: null, returned: null, coverage: 0 });
    expect(sumKnown([null, null])).toBeNull();
    expect(sumKnown([null, 0])).toBe(0);
  });

  test('of future buckets have no coverage', () => {
    expect(seriesTotals(BUCKETS, POINTS, START - DAY).coverage).toBeNull();
  });

  test('equal an independent sum', () => {
    const history = fixture.history('day', '2026-10-24', '2026-11-23', 1);
    for (const series of history.series) {
      let sum = 0;
      for (const one of series.points) if (one.deducted !== null) sum += one.deducted;
      expect(seriesTotals(history.buckets, series.points, fixture.NOW).deducted).toBeCloseTo(
        sum,
        9,
      );
    }
  });
});

describe('the sparkline', () => {
  test('breaks where there is no data', () => {
    const { path } = trendPath([1, 2, null, 3, 4], 76, 22);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path.match(/L/g)).toHaveLength(2);
  });

  test('a value between two gaps is a dot', () => {
    expect(trendPath([null, 5, null, 3, 4], 76, 22).lone).toHaveLength(1);
  });

  test('stays inside its box, even above 100%', () => {
    const { path } = trendPath([0, 50, 140, 99], 76, 22);
    for (const [, x, y] of path.matchAll(/[ML]([\d.-]+),([\d.-]+)/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(76);
      expect(Number(y)).toBeGreaterThanOrEqual(0);
      expect(Number(y)).toBeLessThanOrEqual(22);
    }
  });

  test('without known values draws nothing', () => {
    expect(trendPath([null, null], 76, 22)).toEqual({ path: '', lone: [] });
  });
});

describe('a map of values', () => {
  test('has no shade for nothing, and the lowest differs from it', () => {
    expect(shade(0, 10)).toBe(0);
    expect(shade(0.001, 10)).toBeGreaterThanOrEqual(0.3);
    expect(shade(10, 10)).toBe(1);
    expect(shade(0, 0)).toBe(0);
  });

  test('of a year has each day once, in weeks from Monday', () => {
    const weeks = calendarYear(2028, new Map([['2028-02-29', 5]]), '2028-01-10', '2028-12-20');
    const days = weeks.flat().filter((day) => day !== null);
    expect(days).toHaveLength(366);
    expect(days.find((day) => day.key === '2028-02-29')).toMatchObject({
      value: 5,
      outside: false,
    });
    expect(days.find((day) => day.key === '2028-03-01')).toMatchObject({
      value: null,
      outside: false,
    });
    // What was before the first reading is missing; what is after today is not there yet.
    expect(days.filter((day) => day.before)).toHaveLength(9);
    expect(days.filter((day) => day.outside)).toHaveLength(11);
    for (const week of weeks) expect(week).toHaveLength(7);
  });

  test('names a month above the first week that begins in it, and none that has not begun', () => {
    const weeks = calendarYear(2026, new Map(), '2026-09-01', '2026-11-30');
    const named = weeks.map((_, index) => monthOfWeek(weeks, index)).filter(Boolean);
    expect(named).toEqual(
      Array.from({ length: 11 }, (_, month) => `2026-${String(month + 1).padStart(2, '0')}-01`),
    );
    // The 1st of September is a Tuesday.
    const september = weeks.findIndex((_, at) => monthOfWeek(weeks, at) === '2026-09-01');
    expect(weeks[september]?.[0]?.key).toBe('2026-09-07');
  });

  test('has a legend from nothing to the most', () => {
    expect(legendSteps(10).map((step) => [shade(step.from + 0.01, 10), step.from])).toEqual(
      legendSteps(10).map((step) => [step.opacity, step.from]),
    );
    expect(legendSteps(0)).toEqual([]);
  });

  test('by weekday and hour is on the clock of the zone', () => {
    const cells = byWeekdayAndHour(
      [
        { start: '2026-11-22T16:00:00Z', value: 3 },
        { start: '2026-11-29T16:00:00Z', value: 4 },
        { start: '2026-11-22T17:00:00Z', value: null },
      ],
      (at) => hourOfWeek(at, 'Asia/Shanghai'),
    );
    // Monday at midnight there.
    expect(cells[0]?.[0]).toBe(7);
    expect(cells.flat().filter((value) => value > 0)).toHaveLength(1);
  });
});

test('what moved between two spans is listed by how much, with what is gone and what is new', () => {
  const moved = movers(
    [
      { name: 'a', value: 5 },
      { name: 'new', value: 3 },
    ],
    [
      { name: 'a', value: 4 },
      { name: 'gone', value: 9 },
    ],
  );
  expect(moved.map((one) => [one.name, change(one)])).toEqual([
    ['gone', -1],
    ['new', null],
    ['a', 0.25],
  ]);
});

test('in a month, gaps too narrow to be seen as hatching are left to the figures; a day’s are drawn', () => {
  const DAYS = 10;
  const wide = (days: number, coverage: number): string => {
    const bar = {
      bucket: bucket(0),
      start: START,
      end: START + days * DAY,
      parts: [],
      total: null,
      coverage,
      item: null,
    };
    const view = { from: START, to: START + days * DAYS * DAY };
    return stack([bar], view, scale(view, 1, SIZE), SIZE, 0, view.to).missing;
  };
  expect(wide(30, 0.95)).toBe('');
  expect(wide(30, 0.8)).not.toBe('');
  expect(wide(1, 0.95)).not.toBe('');
});

test('new figures leave a calendar where its reader has scrolled it, a new day shows itself', async () => {
  const given = (value: number, today = '2026-11-22') => ({
    label: 'Deducted',
    days: new Map([['2026-11-21', value]]),
    first: '2026-01-02',
    today,
    say: String,
    onopen: () => undefined,
  });
  const { container, rerender } = render(Calendar, given(4));
  const scroller = container.querySelector('.scroll') as HTMLElement;
  scroller.scrollLeft = 300;
  await rerender(given(5));
  expect(scroller.scrollLeft).toBe(300);
  await rerender(given(5, '2026-11-23'));
  expect(scroller.scrollLeft).not.toBe(300);
});
