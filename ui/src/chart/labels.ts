// The texts of a chart: the names of its buckets, and what happened in them.
import type { BucketView, History, HistoryMark, IncidentRow, PointView } from '../api/types';
import { findingTitle, verdictName, verdictAbout } from '../format/findings';
import { percent, quantity } from '../format/number';
import { clock, day, longDay, month } from '../format/time';
import { EXPLANATIONS, explanationParts } from './quota-bars';
import type { BucketUnit } from './units';
import { codeText, joinClauses, labelValue, t } from '../state/i18n.svelte';

/** In a table or a tooltip: in full. */
export function bucketName(bucket: BucketView, by: BucketUnit, zone: string): string {
  if (by === 'month') return month(bucket.start, zone);
  if (by === 'day') return longDay(bucket.start, zone);
  if (by === 'week') return t('week-of', { day: day(bucket.start, zone) });
  return joinClauses([
    longDay(bucket.start, zone),
    `${clock(bucket.start, zone)}–${clock(bucket.end, zone)}`,
  ]);
}

export interface Fact {
  name: string;
  value: string;
}

/** What is marked on a bucket besides its values. */
export interface Notes {
  marks: HistoryMark[];
  incidents: IncidentRow[];
}

/** For each bucket, the marks of these series of one account and of the account as a whole. */
export function notesOf(history: History, account: number, series: (string | null)[]): Notes[] {
  const marks = history.marks.filter(
    (mark) => mark.account_id === account && [...series, null].includes(mark.series),
  );
  return history.buckets.map(({ start, end }) => ({
    marks: marks.filter(({ to }) => Date.parse(to) >= Date.parse(start) && before(to, end)),
    incidents: history.incidents.filter(
      ({ since, until }) => before(since, end) && (until === null || before(start, until)),
    ),
  }));
}

const before = (a: string, b: string): boolean => Date.parse(a) < Date.parse(b);

/** What moved besides deductions: what came back, and of money what came in or expired. */
export const otherMovements = (
  moved: Pick<PointView, 'returned' | 'credited' | 'expired'>,
): [string, number | null][] => [
  [t('returned'), moved.returned],
  [t('received'), moved.credited],
  [t('expired'), moved.expired],
];

/** What happened in a bucket, one line per fact. Without data there is only one line that says so. */
export function facts(point: PointView, of: Of, inner: number | null, notes?: Notes): Fact[] {
  const { series, unit, words } = of;
  const lines: Fact[] = [];
  const add = (name: string, value: string): number => lines.push({ name, value });
  for (const mark of notes?.marks ?? []) {
    const own = mark.series === series ? (mark.beyond ?? null) : null;
    add(findingTitle(mark), own === null ? '' : words(own.low));
  }
  for (const one of notes?.incidents ?? []) {
    add(one.title === null ? t('incident') : labelValue(t('incident'), one.title), '');
  }
  if (point.deducted === null) {
    add(t('deducted'), t('not-seen'));
    return lines;
  }
  add(t('deducted'), words(point.deducted));
  explanationParts(point).forEach((value, index) => {
    const name = EXPLANATIONS[index];
    if (name !== undefined && value > 0) add(verdictName(name), words(value));
  });
  if (inner !== null) add(t('of-it-code'), words(inner));
  if (point.uncertain > 0) add(t('uncertain'), words(point.uncertain));
  for (const [name, value] of otherMovements(point)) {
    if ((value ?? 0) > 0) add(name, words(value));
  }
  if (point.resets > 0) add(t('resets'), String(point.resets));
  if (point.last !== null) {
    add(unit === 'percent' ? t('last-percent') : t('last-money'), quantity(point.last, unit));
  }
  add(t('coverage'), percent(point.coverage * 100));
  return lines;
}

/**
 * A mark's title, and of an anomaly of this series how much it holds to be taken wrongly. Beside the series' own chart it
 * goes without the name of the series.
 */
export function accusation(mark: HistoryMark, of: Of): string {
  if (mark.series !== of.series || mark.kind !== 'anomaly') return findingTitle(mark);
  const name = codeText('anomaly', mark.class ?? 'unexplained', 'unexplained');
  return mark.beyond ? `${name} · ${of.words(mark.beyond.low)}` : name;
}

/** Of which series something is, in which unit, and how its amounts are written. */
export interface Of {
  series: string;
  unit: string;
  words: (value: number | null) => string;
}

/** The facts of a bucket as one sentence, for screen readers. */
export function sentence(
  bucket: BucketView,
  by: BucketUnit,
  zone: string,
  lines: readonly Fact[],
): string {
  const parts = lines.map(({ name, value }) => (value === '' ? name : labelValue(name, value)));
  return joinClauses([bucketName(bucket, by, zone), ...parts].filter(Boolean));
}

/** The reason of what is least explained of a deduction. Empty where everything is explained or nothing was deducted. */
export function why(point: PointView): string {
  const parts = explanationParts(point);
  const worst = EXPLANATIONS.findLast((_, index) => (parts[index] ?? 0) > 0);
  return worst === undefined || worst === 'fully' ? '' : verdictAbout(worst);
}
