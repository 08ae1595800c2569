// From values to the shapes of a chart. One path for each layer, however many bars there are. Pure.
import { nice, ticks } from 'd3-array';
import { linear, round, type Tick } from './geometry';
import { visible, type Bar } from './bars';
import type { View } from './viewport';

export interface Size {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Scale {
  x: (at: number) => number;
  /** The moment at a pixel. */
  at: (x: number) => number;
  y: (value: number) => number;
  top: number;
  base: number;
  ticks: Tick[];
}

export function scale(view: View, most: number, size: Size, lines = 3): Scale {
  const base = size.height - size.bottom;
  // Where nothing was used there is no scale to be read.
  const [, top] = most > 0 ? nice(0, most, lines) : [0, 1];
  const y = linear([0, top], [base, size.top]);
  return {
    x: linear([view.from, view.to], [size.left, size.width - size.right]),
    at: linear([size.left, size.width - size.right], [view.from, view.to]),
    y,
    top,
    base,
    ticks:
      most > 0
        ? ticks(0, top, lines)
            .filter((value) => value > 0)
            .map((value) => ({ value, at: round(y(value)) }))
        : [],
  };
}

export const highestBar = (bars: readonly Bar[], view: View): number => {
  const [first, last] = visible(bars, view);
  let most = 0;
  for (let index = first; index < last; index += 1) most = Math.max(most, bars[index]?.total ?? 0);
  return most;
};

/** Where a bar stands: its slot, and the bar within it. */
export function place(bar: Bar, { x }: Pick<Scale, 'x'>, size: Size) {
  const [left, right] = [size.left, size.width - size.right];
  const from = Math.min(right, Math.max(left, x(bar.start)));
  const to = Math.min(right, Math.max(left, x(bar.end)));
  const slot = to - from;
  const inset = slot > 3 ? Math.min(slot * 0.12, 6) : 0;
  return { from, to, left: from + inset, width: Math.max(slot - 2 * inset, 0.6) };
}

export interface Stack {
  /** A path for each layer. */
  layers: string[];
  /** Where there is no data, along the base. */
  missing: string;
}

const MISSING_HEIGHT = 7;
/** From this coverage on no gap is drawn: polls are never exactly on time. */
const FULL_COVERAGE = 0.97;
/** The shortest month. */
const MONTH = 28 * 86_400_000 - 3_600_000;
/** A gap of a month that is narrower, in pixels, is a speck and no hatching: its figures say how much was polled. */
const LEAST_IN_MONTH = 6;
/** Between the last layer and those below it. */
const GAP = 1.5;

const box = (x: number, y: number, width: number, height: number): string =>
  `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${-round(width)}Z`;

/** `now`: what has not begun has no data and misses none. */
export function stack(
  bars: readonly Bar[],
  view: View,
  scale: Scale,
  size: Size,
  layers: number,
  now: number,
): Stack {
  const out: string[][] = Array.from({ length: layers }, () => []);
  const missing: string[] = [];
  const [first, last] = visible(bars, view);
  for (let index = first; index < last; index += 1) {
    const bar = bars[index];
    if (bar === undefined) continue;
    const { from, to, left, width } = place(bar, scale, size);
    if (bar.start <= now && bar.coverage < FULL_COVERAGE) {
      const end = Math.min(to, scale.x(now));
      const wide = (end - from) * (1 - Math.max(0, bar.coverage));
      if (wide > (bar.end - bar.start >= MONTH ? LEAST_IN_MONTH : 0.4))
        missing.push(box(end - wide, scale.base - MISSING_HEIGHT, wide, MISSING_HEIGHT));
    }
    if (bar.total === null || bar.total <= 0) continue;
    let [value, below] = [0, scale.base];
    bar.parts.forEach((part, layer) => {
      if (part <= 0) return;
      value += part;
      // Even the smallest part is visible, and never below the one under it.
      const top = Math.min(scale.y(value), below - 1);
      const gap = layer === layers - 1 && below < scale.base && below - top > 4 ? GAP : 0;
      out[layer]?.push(box(left, top, width, below - gap - top));
      below = top;
    });
  }
  return { layers: out.map((paths) => paths.join('')), missing: missing.join('') };
}

/** A line through points. */
export const line = (
  points: readonly { at: number; value: number }[],
  { x, y }: Pick<Scale, 'x' | 'y'>,
): string =>
  points
    .map(({ at, value }, index) => `${index === 0 ? 'M' : 'L'}${round(x(at))} ${round(y(value))}`)
    .join('');
