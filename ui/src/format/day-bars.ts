// The last days of an account as bars: of the quota that says most of it, or of its balance.
import type { History, SeriesView } from '../api/types';
import { isWithdrawn } from './findings';

/** The series that are shown, the most telling first. Five-hour quotas would add up to more than one. */
const TELLING = ['month', 'week', 'balance', 'wallet', '5h'];

export interface DayBar {
  /** The first instant of the day. */
  start: string;
  /** What was deducted, in the series' unit; `null` where there was no poll. */
  value: number | null;
  /** The part of it that no log explains. */
  unexplained: number;
  /** A deduction that is an anomaly lies in the day. */
  anomaly: boolean;
}

export interface DayBars {
  series: string;
  unit: string;
  bars: DayBar[];
}

/** Anomalies that are a deduction. Others say that figures disagree, or that a reset is late. */
const DEDUCTIONS = ['unexplained', 'accelerated', 'wipe-out', 'impossible', 'clawback'];

const place = (series: string): number => TELLING.indexOf(series.split(':')[0] ?? '');

/** The days of an account, `count` of them up to the last; `null` where none of its series is known. */
export function dayBars(history: History, account: number, count: number): DayBars | null {
  const [series] = history.series
    .filter((one) => one.account_id === account && place(one.series) >= 0)
    .filter(({ points }) => points.some(({ deducted }) => deducted !== null))
    .sort((a, b) => place(a.series) - place(b.series));
  if (series === undefined) return null;
  return { series: series.series, unit: series.unit, bars: barsOf(history, series).slice(-count) };
}

function barsOf(history: History, series: SeriesView): DayBar[] {
  const marks = history.marks
    .filter((mark) => mark.account_id === series.account_id && mark.series === series.series)
    .filter((mark) => mark.kind === 'anomaly' && !isWithdrawn(mark))
    .filter((mark) => DEDUCTIONS.includes(mark.class ?? ''))
    .map((mark) => Date.parse(mark.from));
  return history.buckets.map(({ start, end }, index) => {
    const point = series.points[index];
    const [first, last] = [Date.parse(start), Date.parse(end)];
    return {
      start,
      value: point?.deducted ?? null,
      unexplained: point?.explained?.not ?? 0,
      anomaly: marks.some((at) => at >= first && at < last),
    };
  });
}
