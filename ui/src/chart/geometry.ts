// The layout of the charts: from values to pixels. Pure.
// Ticks and rounding are d3-array's. d3-scale and d3-shape would add a fifth to the window's code, for colours,
// formats and curves that no chart here uses.
import { nice, ticks } from 'd3-array';
import type { BucketView, PointView } from '../api/types';

export interface Size {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is drawn for one bucket. */
export interface Column {
  index: number;
  /** The full height of the plot: the area that reacts to the pointer. */
  slot: Box;
  /** What was deducted in this bucket for certain. */
  certain: Box | null;
  /** What was deducted, but may belong to a bucket before. Stands on top of `certain`. */
  uncertain: Box | null;
  /** A share of the bar, drawn over it from the base: Kimi Code’s share of the month. */
  inner: Box | null;
  /** The unexplained part: the top of the bar. */
  unexplained: Box | null;
  /** The part of the slot without data, at its right edge; `null` where the coverage is complete. */
  unseen: Box | null;
  resets: number;
  returned: boolean;
  /** The bucket has not begun yet. */
  future: boolean;
}

export interface Tick {
  at: number;
  value: number;
}

export interface Layout {
  columns: Column[];
  ticks: Tick[];
  /** The base of the bars. */
  base: number;
  /** Indices of the buckets that carry a label. */
  labelled: number[];
}

/** From this coverage on no gap is drawn: polls are never exactly on time. */
const FULL_COVERAGE = 0.97;
const LABEL_WIDTH = 58;

/** Values to pixels. */
export function linear(
  domain: [number, number],
  range: [number, number],
): (value: number) => number {
  const factor = (range[1] - range[0]) / (domain[1] - domain[0] || 1);
  return (value) => range[0] + (value - domain[0]) * factor;
}

/** Equal slots side by side: where each begins, and how wide its bar is. */
function bands(count: number, from: number, to: number): { step: number; bar: number } {
  const step = count > 0 ? (to - from) / count : to - from;
  return { step, bar: step * (count > 60 ? 0.85 : 0.75) };
}

export function layout(
  buckets: readonly BucketView[],
  points: readonly PointView[],
  inner: readonly (number | null)[] | null,
  size: Size,
  now: number,
): Layout {
  const base = size.height - size.bottom;
  const { step, bar: width } = bands(buckets.length, size.left, size.width - size.right);
  const highest = Math.max(0, ...points.map((point) => point.deducted ?? 0));
  const [, top] = nice(0, highest > 0 ? highest : 1, 3);
  const y = linear([0, top], [base, size.top]);

  const columns = buckets.map((bucket, index): Column => {
    const point = points[index];
    const slot = {
      x: size.left + index * step,
      y: size.top,
      width: step,
      height: Math.max(0, base - size.top),
    };
    const left = slot.x + (step - width) / 2;
    const future = Date.parse(bucket.start) > now;
    const deducted = point?.deducted ?? null;
    const unsure = Math.min(Math.max(point?.uncertain ?? 0, 0), Math.max(deducted ?? 0, 0));
    const sure = Math.max(deducted ?? 0, 0) - unsure;
    const bar = (from: number, to: number): Box | null =>
      to > from
        ? // Even the smallest deduction is visible.
          { x: left, width, y: Math.min(y(to), y(from) - 1), height: Math.max(y(from) - y(to), 1) }
        : null;
    const share = inner?.[index] ?? null;
    const coverage = point?.coverage ?? 0;
    return {
      index,
      slot,
      certain: bar(0, sure),
      uncertain: bar(sure, sure + unsure),
      inner: share === null ? null : bar(0, Math.min(share, sure + unsure)),
      unexplained: bar(sure + unsure - (point?.explained?.not ?? 0), sure + unsure),
      unseen: future || coverage >= FULL_COVERAGE ? null : unseen(slot, coverage),
      resets: point?.resets ?? 0,
      returned:
        ((point?.returned ?? 0) > 0 || (point?.credited ?? 0) > 0) && (point?.resets ?? 0) === 0,
      future,
    };
  });

  const every = labelEvery(
    Math.ceil((buckets.length * LABEL_WIDTH) / Math.max(1, size.width - size.left - size.right)),
    buckets[0],
  );
  const labelled = buckets.map((_, index) => index).filter((index) => index % every === 0);
  // Three grid lines are enough to read a bar; the base has a line of its own.
  const lines = ticks(0, top, 3)
    .filter((value) => value > 0)
    .map((value) => ({ value, at: y(value) }));
  return { columns, ticks: lines, base, labelled };
}

/** How many buckets one label stands for. Hours are labelled so that midnight is among the labels. */
function labelEvery(least: number, first: BucketView | undefined): number {
  const hours = first !== undefined && Date.parse(first.end) - Date.parse(first.start) <= 3_600_000;
  const even = hours ? [1, 2, 3, 6, 12, 24].find((step) => step >= least) : undefined;
  return even ?? Math.max(1, least);
}

function unseen(slot: Box, coverage: number): Box {
  const width = slot.width * (1 - Math.max(0, coverage));
  return { x: slot.x + slot.width - width, y: slot.y, width, height: slot.height };
}

/** The path of a sparkline. `null` is an hour without data, and breaks the line. */
export function trendPath(
  values: readonly (number | null)[],
  width: number,
  height: number,
): { path: string; lone: { x: number; y: number }[] } {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return { path: '', lone: [] };
  const x = linear([0, Math.max(1, values.length - 1)], [1, width - 1]);
  // The height is at least 25 points, so that small changes do not look large.
  const low = Math.min(...known);
  const y = linear([low, Math.max(low + 25, ...known)], [height - 2, 2]);
  const path = values
    .map((value, index) => {
      if (value === null) return '';
      const starts = (values[index - 1] ?? null) === null;
      return `${starts ? 'M' : 'L'}${round(x(index))},${round(y(value))}`;
    })
    .join('');
  // A single value between two gaps cannot be a line: it is a dot.
  const lone = values.flatMap((value, index) =>
    value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null
      ? [{ x: round(x(index)), y: round(y(value)) }]
      : [],
  );
  return { path, lone };
}

export const round = (value: number): number => Math.round(value * 10) / 10;
