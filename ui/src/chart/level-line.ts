// The line of a level over time, thinned to what the pixels can show. Pure.
import type { Levels } from '../api/types';
import type { View } from './viewport';

/** In typed arrays: five years of readings every five minutes are half a million. */
export interface LevelSeries {
  at: Float64Array;
  until: Float64Array;
  value: Float64Array;
  gap: Uint8Array;
  resets: Float64Array;
  /** Of each block of values the first, lowest, highest and last: for views of more than pixels can show. */
  coarse: LevelSeries | null;
}

/** Values in a block. */
const BLOCK = 64;
/** From so many values on, a view is drawn from the blocks. */
const MANY = 24_000;

export function levelSeries(
  levels: Pick<Levels, 'at' | 'until' | 'value' | 'gap' | 'resets'>,
): LevelSeries {
  const all: LevelSeries = {
    at: Float64Array.from(levels.at),
    until: Float64Array.from(levels.until),
    value: Float64Array.from(levels.value),
    gap: Uint8Array.from(levels.gap, (gap) => (gap ? 1 : 0)),
    resets: Float64Array.from(levels.resets),
    coarse: null,
  };
  return all.at.length > MANY ? { ...all, coarse: blocks(all) } : all;
}

function blocks({ at, until, value, gap, resets }: LevelSeries): LevelSeries {
  const kept: number[] = [];
  for (let start = 0; start < at.length; start += BLOCK) {
    const end = Math.min(at.length, start + BLOCK);
    let [low, high] = [start, start];
    for (let index = start; index < end; index += 1) {
      const level = value[index] ?? 0;
      if (level < (value[low] ?? 0)) low = index;
      if (level > (value[high] ?? 0)) high = index;
      // Before a gap the line ends, and after it a new one begins.
      if (gap[index] === 1) kept.push(Math.max(start, index - 1), index);
    }
    kept.push(start, low, high, end - 1);
  }
  const places = [...new Set(kept)].sort((a, b) => a - b);
  const pick = (all: Float64Array | Uint8Array): number[] => places.map((place) => all[place] ?? 0);
  return {
    at: Float64Array.from(pick(at)),
    until: Float64Array.from(pick(until)),
    value: Float64Array.from(pick(value)),
    gap: Uint8Array.from(pick(gap)),
    resets,
    coarse: null,
  };
}

/** What a view is drawn from. */
function fitting(series: LevelSeries, view: View): LevelSeries {
  if (series.coarse === null) return series;
  const [first, end] = range(series, view);
  return end - first > MANY ? series.coarse : series;
}

/** The first index whose value is not below. */
export function lowerBound(all: Float64Array, value: number): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The range of indices that a view shows, with one beside it at each end. */
function range(series: LevelSeries, view: View): [number, number] {
  const first = lowerBound(series.until, view.from);
  const end = lowerBound(series.at, view.to);
  return [Math.max(0, first - 1), Math.min(series.at.length, end + 1)];
}

/** The highest value that a view shows. */
export function highest(whole: LevelSeries, view: View): number {
  const series = fitting(whole, view);
  const [first, end] = range(series, view);
  let most = 0;
  for (let index = first; index < end; index += 1) most = Math.max(most, series.value[index] ?? 0);
  return most;
}

/** The value at a moment; `null` where there is no data. */
export function levelAt(series: LevelSeries, at: number): number | null {
  const next = lowerBound(series.at, at + 1);
  if (next === 0) return null;
  const within = at <= (series.until[next - 1] ?? 0);
  const missing = !within && (next >= series.at.length || series.gap[next] === 1);
  return missing ? null : (series.value[next - 1] ?? null);
}

/**
 * The path of the line. Of the values of one pixel, the first, lowest, highest and last are drawn, so that no peak is
 * lost. The line breaks where there is no data.
 */
export function levelPath(
  whole: LevelSeries,
  view: View,
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  const series = fitting(whole, view);
  const [first, end] = range(series, view);
  const { at, until, value, gap } = series;
  const out: string[] = [];
  const put = (letter: string, px: number, level: number): void => {
    out.push(letter, String(Math.round(px * 10) / 10), ' ', String(Math.round(y(level) * 10) / 10));
  };
  let column = Number.NaN;
  let [low, high, final, cut] = [0, 0, 0, false];
  const flush = (): void => {
    if (Number.isNaN(column)) return;
    if (low !== final || high !== final) {
      put('L', column, low);
      put('L', column, high);
      if (final !== high) put('L', column, final);
    }
  };
  for (let index = first; index < end; index += 1) {
    const from = x(at[index] ?? 0);
    const level = value[index] ?? 0;
    const pixel = Math.floor(from);
    cut = gap[index] === 1 || out.length === 0;
    if (pixel === column && !cut) {
      if (level < low) low = level;
      if (level > high) high = level;
      final = level;
    } else {
      flush();
      put(cut ? 'M' : 'L', from, level);
      column = pixel;
      low = high = final = level;
    }
    const to = x(until[index] ?? 0);
    // A value that stood for longer than its pixel is a line of its own.
    if (Math.floor(to) !== pixel) {
      flush();
      put('L', to, level);
      column = Math.floor(to);
      low = high = final = level;
    }
  }
  flush();
  return out.join('');
}

/** From so many values a pixel on, a line would be a filled area that takes long to draw. */
const DENSE = 3;

/** Whether a view has more values than a line can show. */
export function isDense(series: LevelSeries, view: View, width: number): boolean {
  const [first, end] = range(series, view);
  return end - first > DENSE * width;
}

/**
 * Between which values a level moved, pixel by pixel, as areas: what a line of so many values would cover. An area ends
 * where there is no data.
 */
export function levelBand(
  whole: LevelSeries,
  view: View,
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  const series = fitting(whole, view);
  const [first, end] = range(series, view);
  const { at, value, gap } = series;
  const out: string[] = [];
  let [upper, lower]: [string[], string[]] = [[], []];
  let column = Number.NaN;
  let [low, high] = [0, 0];
  const round = (pixel: number): string => String(Math.round(pixel * 10) / 10);
  const flush = (): void => {
    if (Number.isNaN(column)) return;
    upper.push(`${column} ${round(y(high) - 0.8)}`);
    lower.push(`${column} ${round(y(low) + 0.8)}`);
  };
  const close = (): void => {
    flush();
    if (upper.length > 0) out.push(`M${upper.join('L')}L${lower.toReversed().join('L')}Z`);
    [upper, lower, column] = [[], [], Number.NaN];
  };
  for (let index = first; index < end; index += 1) {
    const pixel = Math.floor(x(at[index] ?? 0));
    const level = value[index] ?? 0;
    if (gap[index] === 1) close();
    if (pixel === column) {
      if (level < low) low = level;
      if (level > high) high = level;
    } else {
      flush();
      column = pixel;
      low = high = level;
    }
  }
  close();
  return out.join('');
}
