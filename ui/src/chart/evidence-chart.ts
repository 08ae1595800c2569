// The layout of an evidence chart: observed values as a line, the expected range as a band. Pure.
import { nice, ticks } from 'd3-array';
import type { Case } from '../api/types';
import { linear, round, type Tick } from './geometry';
import type { Size } from './plot';

export interface EvidenceLayout {
  /** The observed values, as steps: a value holds until the next reading that differs. */
  line: string;
  /** From the last reading before a gap to the first one after it. There is no data in between. */
  gaps: string;
  /** The expected range, as an area. */
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
/** The least height of the value axis, so that small changes do not look large. */
const MIN_RANGE = 4;

/** `midnight` is the start of any day in the time zone: the labels of the time axis are counted from it. */
export function layoutEvidence(evidence: Case, size: Size, midnight: number): EvidenceLayout {
  const from = Date.parse(evidence.from);
  const to = Date.parse(evidence.to);
  const right = size.width - size.right;
  const base = size.height - size.bottom;
  const across = linear([from, to], [size.left, right]);
  // What began before the time range or ended after it is drawn to the edge of the plot.
  const x = (at: string | number): number =>
    round(Math.min(right, Math.max(size.left, across(new Date(at).getTime()))));

  const all = [
    ...evidence.observed.map((point) => point.value),
    ...evidence.expected.flatMap((point) => [point.low, point.high]),
  ];
  const lowest = Math.min(...all);
  const [low, high] = nice(
    lowest < MIN_RANGE ? Math.min(lowest, 0) : lowest,
    Math.max(...all, lowest + MIN_RANGE),
    3,
  );
  const up = linear([low, high], [base, size.top]);
  const y = (value: number): number => round(up(value));

  let line = '';
  let gaps = '';
  evidence.observed.forEach((point, index) => {
    const before = evidence.observed[index - 1];
    const [at, level] = [x(point.at), y(point.value)];
    if (before !== undefined && point.gap) {
      gaps += `M${x(before.until)},${y(before.value)}L${at},${level}`;
    }
    line += before === undefined || point.gap ? `M${at},${level}` : `H${at}V${level}`;
    line += `H${x(point.until)}`;
  });

  const last = evidence.expected.at(-1);
  const seen = evidence.observed.at(-1);
  // The expected range of the last reading holds as long as its value.
  const expected =
    last !== undefined && seen !== undefined && last.at === seen.at
      ? [...evidence.expected, { ...last, at: seen.until }]
      : evidence.expected;
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
