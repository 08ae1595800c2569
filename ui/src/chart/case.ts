// The mathematics of a case's chart: what was observed as a line, what was to be expected as a band. Pure.
import { nice, ticks } from 'd3-array';
import type { Case } from '../api/types';
import { linear, round, type Size, type Tick } from './geometry';

export interface CaseDrawn {
  /** What was observed: level until the next look that found something else. */
  line: string;
  /** From the last look before a gap to the first one after it: nobody knows what lies between. */
  gaps: string;
  /** What was to be expected, as an area. */
  band: string;
  x: (at: string | number) => number;
  y: (value: number) => number;
  values: Tick[];
  times: number[];
  base: number;
}

const HOUR = 3_600_000;
const STEPS = [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96].map((hours) => hours * HOUR);
const LABEL_WIDTH = 66;
/** A still series is drawn with so much room about it, not as if it leapt. */
const LEAST_RANGE = 4;

/** `midnight` is any first instant of a day in the zone: the labels are counted from it. */
export function drawCase(told: Case, size: Size, midnight: number): CaseDrawn {
  const from = Date.parse(told.from);
  const to = Date.parse(told.to);
  const right = size.width - size.right;
  const base = size.height - size.bottom;
  const across = linear([from, to], [size.left, right]);
  // What began before the span or ended after it is drawn to its edge.
  const x = (at: string | number): number =>
    round(Math.min(right, Math.max(size.left, across(new Date(at).getTime()))));

  const all = [
    ...told.observed.map((point) => point.value),
    ...told.expected.flatMap((point) => [point.low, point.high]),
  ];
  const lowest = Math.min(...all);
  const [low, high] = nice(
    lowest < LEAST_RANGE ? Math.min(lowest, 0) : lowest,
    Math.max(...all, lowest + LEAST_RANGE),
    3,
  );
  const up = linear([low, high], [base, size.top]);
  const y = (value: number): number => round(up(value));

  let line = '';
  let gaps = '';
  told.observed.forEach((point, index) => {
    const before = told.observed[index - 1];
    const [at, level] = [x(point.at), y(point.value)];
    if (before !== undefined && point.gap) {
      gaps += `M${x(before.until)},${y(before.value)}L${at},${level}`;
    }
    line += before === undefined || point.gap ? `M${at},${level}` : `H${at}V${level}`;
    line += `H${x(point.until)}`;
  });

  const last = told.expected.at(-1);
  const seen = told.observed.at(-1);
  // What was to be expected holds for as long as the last value was seen.
  const expected =
    last !== undefined && seen !== undefined && last.at === seen.at
      ? [...told.expected, { ...last, at: seen.until }]
      : told.expected;
  const corners = [
    ...expected.map((point) => `${x(point.at)},${y(point.high)}`),
    ...expected.toReversed().map((point) => `${x(point.at)},${y(point.low)}`),
  ];

  const most = Math.max(1, Math.floor((right - size.left) / LABEL_WIDTH));
  const step = STEPS.find((one) => (to - from) / one <= most) ?? 7 * 24 * HOUR;
  const times: number[] = [];
  for (let at = midnight + Math.ceil((from - midnight) / step) * step; at < to; at += step) {
    if (x(at) < right - LABEL_WIDTH / 3) times.push(at);
  }
  return {
    line,
    gaps,
    band: corners.length > 2 ? `M${corners.join('L')}Z` : '',
    x,
    y,
    values: ticks(low, high, 3).map((value) => ({ value, at: y(value) })),
    times,
    base,
  };
}
