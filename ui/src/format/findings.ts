// The texts of findings in the language of the window: their titles from classes and numbers, their explanations
// from message ids and arguments.
import type {
  ArgView,
  FindingView,
  HistoryMark,
  Interval,
  MessageView,
  VerdictView,
} from '../api/types';
import { codeText, i18n, t } from '../state/i18n.svelte';
import { seriesName } from './names';
import { money, percent, plainNumber, quantity } from './number';
import { points } from './quota';
import { clock, day } from './time';

export const KINDS = ['reset', 'credit', 'anomaly', 'change', 'failure'] as const;
export type Kind = (typeof KINDS)[number];

/** The filter that a finding falls under. What became of an anomaly is beside it. */
export function kindOf(finding: { kind: string }): Kind {
  if (isOutcome(finding)) return 'anomaly';
  return KINDS.find((one) => one === finding.kind) ?? 'change';
}

/** Whether a finding says that an anomaly was given back or withdrawn. */
export const isOutcome = ({ kind }: { kind: string }): boolean =>
  kind === 'recovered' || kind === 'withdrawn';

/** A reset on time. There are many of them, so pages show them as one line. */
export const isResetOnTime = (finding: FindingView): boolean =>
  finding.kind === 'reset' && finding.schedule === 'on-time';

/** An anomaly that the user has not handled and that was neither given back nor withdrawn. */
export const isOpen = (finding: FindingView): boolean =>
  finding.kind === 'anomaly' &&
  finding.state === 'open' &&
  finding.recovered_by === null &&
  finding.withdrawn === null;

const ICONS = {
  reset: 'refresh',
  credit: 'plus',
  anomaly: 'warning',
  change: 'settings',
  failure: 'broken',
} as const;

export const findingIcon = (finding: { kind: string }) =>
  isOutcome(finding) ? 'check' : ICONS[kindOf(finding)];

export function findingTone(finding: HistoryMark | FindingView): string {
  if (isWithdrawn(finding)) return '';
  if (finding.kind === 'reset' && finding.schedule === 'late') return 'near';
  return { critical: 'over', warning: 'over', good: 'accent', note: '' }[finding.severity];
}

/** Whether a finding is an anomaly that usage explains which became known later. */
export const isWithdrawn = ({ withdrawn }: HistoryMark | FindingView): boolean =>
  withdrawn !== null && withdrawn !== false;

/** Of a withdrawn anomaly: when and why. Of the finding that withdraws it: why. Empty for others. */
export function withdrawalText(finding: FindingView, zone: string, now: number): string {
  const { withdrawn, kind } = finding;
  if (withdrawn !== null) {
    const machine = withdrawn.machine ?? 'none';
    return t('withdrawn-on', { day: day(withdrawn.at, zone, now), machine });
  }
  if (kind !== 'withdrawn') return '';
  const machine = finding.messages.explanation
    .map((one) => one.args['machine'])
    .find((arg) => arg?.kind === 'text');
  return t('withdrawn-why', { machine: machine === undefined ? 'none' : String(machine.value) });
}

/** When it happened: of a withdrawal, whose span is that of the anomaly, when it was withdrawn. */
export const happenedAt = ({ kind, to, detected_at }: FindingView): string =>
  kind === 'withdrawn' ? detected_at : to;

/** The title of a finding: its kind, with its class or schedule. */
export function findingTitle(
  finding: Pick<FindingView, 'kind' | 'class' | 'series' | 'schedule'> &
    Partial<Pick<FindingView, 'amount' | 'limit'>>,
): string {
  const about = seriesName(finding.series);
  switch (finding.kind) {
    case 'reset':
      return t('finding-title-reset', {
        what: about,
        schedule: codeText('schedule', finding.schedule ?? 'on-time', 'on-time'),
      });
    case 'anomaly':
      return t('finding-title-anomaly', {
        what: about,
        class: codeText('anomaly', finding.class ?? 'unexplained', 'unexplained'),
      });
    case 'credit':
      return t('finding-title-credit', {
        class: codeText('credit', finding.class ?? 'unknown', 'unknown'),
        amount: finding.amount ? money(finding.amount) : '',
      });
    case 'expiry':
      return t('finding-title-expiry', {
        amount: finding.amount ? money(finding.amount) : '',
      });
    case 'limit-change':
      return t('finding-title-limit-change', { limit: limitName(finding.limit ?? null) });
    case 'plan-change':
      return t('finding-title-plan-change');
    case 'account-change':
      return t('finding-title-account-change');
    default:
      // As an anomaly’s, which it is about.
      return t('finding-title-anomaly', {
        what: about,
        class: codeText('finding', finding.kind, 'other'),
      });
  }
}

/** The change: `78.5% → 0%`, `2048 → 4096`. Empty where it is not known. */
export function findingChange(finding: FindingView): string {
  if (finding.used_before !== null && finding.used_after !== null) {
    return t('from-to', {
      before: percent(finding.used_before),
      after: percent(finding.used_after),
    });
  }
  if (finding.before !== null || finding.after !== null) {
    return t('from-to', {
      before: finding.before ?? t('none-before'),
      after: finding.after ?? t('none-before'),
    });
  }
  return '';
}

/** Whether it is an anomaly that took something. */
export const isDeduction = (finding: FindingView): boolean =>
  finding.kind === 'anomaly' && finding.beyond !== null;

/** The figures of an anomaly, as a sentence: a factor, a level, or a deduction and what was expected. */
export function findingFigures(finding: FindingView): string {
  const { class: kind, expected, factor, observed } = finding;
  if (finding.kind !== 'anomaly') return '';
  if (factor !== null) {
    return t('said-factor', { low: plainNumber(factor.low), high: plainNumber(factor.high) });
  }
  if (observed === null) return '';
  const level = { observed: percent(observed) };
  if (kind === 'overdue-reset') return t('said-stands', level);
  if (expected === null) return kind === 'disagreement' ? t('said-two-figures', level) : '';
  const figures = {
    observed: difference(observed, finding.unit),
    // A range of points has its unit once, at its end.
    low:
      finding.unit === 'percent'
        ? plainNumber(expected.low)
        : difference(expected.low, finding.unit),
    high: difference(expected.high, finding.unit),
  };
  if (expected.high < NOTHING) return t('said-expected-none', figures);
  return t(expected.low < NOTHING ? 'said-expected-most' : 'said-expected', figures);
}

/** Less than this is rounding. */
const NOTHING = 0.05;

/** A difference: points of a percentage, or money. */
export const difference = (value: number, unit: string | null): string =>
  unit === 'percent' ? points(value) : quantity(value, unit ?? '');

/** Variables that a message may lack. Its text then selects by `none`. */
const OPTIONAL = Object.fromEntries(
  [
    'title',
    'impact',
    'ends',
    'by_count',
    'slack',
    'machine',
    'moved',
    'expects',
    'said',
    'host',
    'address',
  ].map((name) => [name, 'none']),
);

/** One message of an explanation or of the evidence. Times show their year where it differs from the one of `now`. */
export function sentence(
  { id, args }: MessageView,
  zone: string,
  now: string,
  group: 'says' | 'cause' | 'update' = 'says',
): string {
  const given = Object.entries(args).map(([name, arg]) => [name, argument(arg, zone, now)]);
  return t(`${group}-${id}`, { ...OPTIONAL, ...Object.fromEntries(given) });
}

function argument({ kind, value }: ArgView, zone: string, now: string): string | number {
  switch (kind) {
    case 'time':
      return t('day-at', { day: day(value, zone, Date.parse(now)), time: clock(value, zone) });
    case 'series':
      return t('the-series', {
        series: value === '5h' ? 'five-hour' : (value.split(':')[0] ?? ''),
      });
    case 'amount':
      return difference(value.value, value.unit);
    case 'level': {
      const level = quantity(value.value, value.unit);
      return value.unit === 'percent' ? t('used', { percent: level }) : level;
    }
    case 'percent':
      return percent(value);
    case 'split':
      return t('says-money-split', { cash: money(value.cash), voucher: money(value.voucher) });
    case 'rate-limit':
      return t('says-limit', { limit: value });
    case 'number':
      return Math.round(value * 100) / 100;
    default:
      return value;
  }
}

/** The confidence of a finding in words. A figure would look more exact than it is. */
export function confidenceText(confidence: number): string {
  if (confidence >= 0.995) return t('sure-certain');
  if (confidence >= 0.95) return t('sure-almost');
  if (confidence >= 0.85) return t('sure-very');
  return t(confidence >= 0.65 ? 'sure-likely' : 'sure-maybe');
}

export const VERDICTS = ['not', 'partly', 'cannot-tell', 'elsewhere', 'fully'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The verdict that stands: what an event accuses is unexplained, whatever its poll knew. */
export const standing = (verdict: VerdictView): VerdictView =>
  verdict.parts.not > 0 ? { ...verdict, word: 'not' } : verdict;

/** The reason of a deduction's verdict. */
export function verdictReason({ word: name, explained, parts }: VerdictView, unit: string): string {
  const explainedPart = parts.fully + parts.partly;
  if (name === 'not' && explainedPart > 0) {
    return t('verdict-not.part', {
      amount: quantity(parts.not, unit),
      explained: quantity(explainedPart, unit),
    });
  }
  return explained !== null && name === 'partly' ? between(explained, unit) : verdictAbout(name);
}

const between = ({ low, high }: Interval, unit: string): string =>
  t('verdict-partly.figures', { low: quantity(low, unit), high: quantity(high, unit) });

export const verdictName = (name: string): string => codeText('verdict', name, 'cannot-tell');
export const verdictAbout = (name: string): string =>
  codeText('verdict', name, 'cannot-tell', 'about');

/** The name of a changed limit: of a rate limit or a quota. */
function limitName(limit: string | null): string {
  if (limit === null) return t('limits');
  const id = `limit-${limit}`;
  return i18n.has(id) ? t(id) : seriesName(limit);
}
