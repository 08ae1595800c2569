import { describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import type { BucketView, PointView } from '../api/types';
import { sumKnown, seriesTotals } from '../chart/series-totals';
import { layout, trendPath, type Box, type Size } from '../chart/geometry';

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
  point({ deducted: 4, returned: 50 }),
  point({ deducted: 0.001, coverage: 0.99 }),
  point({ deducted: null, coverage: 0 }),
];
const BUCKETS = POINTS.map((_, index) => bucket(index));
const drawn = layout(BUCKETS, POINTS, null, SIZE, NOW);
const bottom = (box: Box): number => box.y + box.height;

describe('bars', () => {
  test('start at the base line and are in proportion', () => {
    const [ten, twenty] = drawn.columns;
    expect(ten?.certain && bottom(ten.certain)).toBeCloseTo(drawn.base);
    const whole = (twenty?.certain?.height ?? 0) + (twenty?.uncertain?.height ?? 0);
    expect(whole / (ten?.certain?.height ?? 1)).toBeCloseTo(2);
  });

  test('the uncertain part is stacked on the certain one', () => {
    const column = drawn.columns[1];
    expect(column?.uncertain && bottom(column.uncertain)).toBeCloseTo(column?.certain?.y ?? -1);
    expect((column?.certain?.height ?? 0) / (column?.uncertain?.height ?? 1)).toBeCloseTo(3);
  });

  test('the smallest deduction is visible, and zero draws nothing', () => {
    expect(drawn.columns[5]?.certain?.height).toBeGreaterThanOrEqual(1);
    expect(drawn.columns[3]?.certain).toBeNull();
  });

  test('a bucket without data is not drawn as zero', () => {
    const column = drawn.columns[2];
    expect(column?.certain).toBeNull();
    expect(column?.unseen?.width).toBeCloseTo(column?.slot.width ?? -1);
    expect(drawn.columns[1]?.unseen?.width).toBeCloseTo((drawn.columns[1]?.slot.width ?? 0) * 0.4);
    expect(drawn.columns[5]?.unseen).toBeNull();
  });

  test('a future bucket is not drawn as a bucket without data', () => {
    expect(drawn.columns[6]).toMatchObject({ future: true, unseen: null, certain: null });
    expect(drawn.columns[5]?.future).toBe(false);
  });

  test('a bucket is marked for a reset or for money received', () => {
    expect(drawn.columns.map((column) => [column.resets, column.returned])).toEqual([
      [0, false],
      [0, false],
      [0, false],
      [1, false],
      [0, true],
      [0, false],
      [0, false],
    ]);
  });

  test('bars stay inside the plot, and slots neither overlap nor leave gaps', () => {
    let edge = SIZE.left;
    for (const column of drawn.columns) {
      expect(column.slot.x).toBeCloseTo(edge);
      edge = column.slot.x + column.slot.width;
      for (const box of [column.certain, column.uncertain, column.unseen]) {
        if (box === null) continue;
        expect(box.x).toBeGreaterThanOrEqual(SIZE.left - 0.01);
        expect(box.x + box.width).toBeLessThanOrEqual(SIZE.width - SIZE.right + 0.01);
        expect(box.y).toBeGreaterThanOrEqual(SIZE.top - 0.01);
        expect(bottom(box)).toBeLessThanOrEqual(drawn.base + 0.01);
      }
    }
    expect(edge).toBeCloseTo(SIZE.width - SIZE.right);
  });

  test('the share inside a bar is never larger than the bar', () => {
    const inside = layout(BUCKETS, POINTS, [5, 99, 3, 1, null, 0, 0], SIZE, NOW);
    expect(inside.columns[0]?.inner?.height).toBeCloseTo(
      (inside.columns[0]?.certain?.height ?? 0) / 2,
    );
    const column = inside.columns[1];
    expect(column?.inner?.height).toBeCloseTo(
      (column?.certain?.height ?? 0) + (column?.uncertain?.height ?? 0),
    );
    expect(inside.columns[2]?.inner).toBeNull();
    expect(inside.columns[4]?.inner).toBeNull();
  });
});

test.each([1, 2, 24, 30, 90, 400])('%d buckets have labels that do not overlap', (count) => {
  const buckets = Array.from({ length: count }, (_, index) => bucket(index));
  const many = layout(
    buckets,
    buckets.map(() => point({ deducted: 1 })),
    null,
    SIZE,
    NOW,
  );
  const step = (SIZE.width - SIZE.left - SIZE.right) / count;
  const [a = 0, b] = many.labelled;
  if (b !== undefined) expect((b - a) * step).toBeGreaterThanOrEqual(57);
  expect(many.labelled[0]).toBe(0);
});

test('a chart without buckets or deductions has no bars and finite ticks', () => {
  expect(layout([], [], null, SIZE, NOW).columns).toEqual([]);
  const quiet = layout(
    BUCKETS,
    BUCKETS.map(() => point()),
    null,
    SIZE,
    NOW,
  );
  expect(quiet.columns.every((column) => column.certain === null)).toBe(true);
  expect(quiet.ticks.every((tick) => Number.isFinite(tick.at))).toBe(true);
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
