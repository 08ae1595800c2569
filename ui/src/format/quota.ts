// Shares of a quota as people read them. What was deducted over several cycles is no percentage of anything: it is so
// many points of the quota, or so many whole cycles.
import { i18n, t } from '../state/i18n.svelte';
import { axisValue, plainNumber, quantity, shortNumber } from './number';

/** How the amounts of one chart are written: all in one unit, so that its parts can be added up. */
export interface Amounts {
  words: (value: number | null) => string;
  /** Beside an axis. */
  axis: (value: number) => string;
  /** What the numbers beside the axis are; empty where they say it themselves. */
  axisTitle: string;
}

/** From this sum on, in points, whole cycles are shorter. A 5-hour quota is used up several times a day. */
const mostPoints = (series: string): number => (series === '5h' ? 100 : 1000);

/** The amounts of a series of which at most `most` is shown: money, points of a quota, or whole cycles of it. */
export function amounts(series: string, unit: string, most: number): Amounts {
  if (unit !== 'percent') {
    return {
      words: (value) => quantity(value, unit),
      axis: (value) => axisValue(value, unit),
      axisTitle: '',
    };
  }
  if (most > mostPoints(series)) {
    return {
      words: (value) => (value === null ? quantity(null, unit) : cycles(value / 100, series)),
      axis: (value) => shortNumber(value / 100),
      axisTitle: cycleUnit(series),
    };
  }
  return {
    words: (value) => (value === null ? quantity(null, unit) : points(value)),
    axis: shortNumber,
    axisTitle: t('points-unit'),
  };
}

/** Points of a quota: more than none is never shown as none. */
export function points(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  const shown = value > 0 && rounded === 0 ? 0.1 : rounded;
  return t('points', { count: shown, value: plainNumber(shown) });
}

/** Whole cycles of a quota: `12.6 windows`. */
function cycles(count: number, series: string): string {
  const id = `cycles-${series}`;
  return t(i18n.has(id) ? id : 'cycles-month', { count: shortNumber(count) });
}

/** What the numbers beside an axis in whole cycles are: `5-hour windows`. */
function cycleUnit(series: string): string {
  const id = `cycles-${series}.unit`;
  return i18n.has(id) ? t(id) : t('cycles-month.unit');
}
