// A case step by step: what was announced, what happened, what was expected, what the logs show, what it cost,
// what came of it. Pure.
import type {
  AnnouncementRow,
  Case,
  FindingView,
  Interval,
  MessageView,
  UnexplainedSum,
} from '../api/types';
import { i18n, joinClauses, labelValue, t } from '../state/i18n.svelte';
import {
  findingFigures,
  isDeduction,
  points,
  sentence,
  verdictAbout,
  withdrawalText,
} from './findings';
import { seriesName } from './names';
import { money, percent } from './number';
import { moment } from './time';

export const STEPS = ['announced', 'happened', 'expected', 'logs', 'cost', 'outcome'] as const;
export type Step = (typeof STEPS)[number];

export interface StoryStep {
  step: Step;
  lines: string[];
}

/** The step of the story that a message belongs to. What is not listed says what happened. */
const STEP_OF: Record<string, Step> = {
  incident: 'announced',
  announcement: 'announced',
  'other-quota-allows': 'expected',
  'largest-step-so-far': 'expected',
  'nothing-like-it-before': 'expected',
  'limits-allow': 'expected',
  'no-usage': 'logs',
  'usage-deducted-before': 'logs',
  'usage-explains': 'logs',
  'hardly-paused': 'logs',
  'log-missing': 'logs',
};

/** The share of the recent deductions for which the logs show usage. */
export interface Known {
  series: string;
  share: number;
}

/** The story of an anomaly. Each step says something, and where nothing is known, that. */
export function caseStory(
  finding: FindingView,
  evidence: Case | null,
  known: Known | undefined,
  announcements: readonly AnnouncementRow[],
  zone: string,
  now: number,
): StoryStep[] {
  const lines: Record<Step, string[]> = {
    announced: [],
    happened: [],
    expected: [],
    logs: [],
    cost: [],
    outcome: [],
  };
  const say = (message: MessageView): string => sentence(message, zone, finding.detected_at);
  for (const message of finding.messages.explanation) {
    lines[STEP_OF[message.id] ?? 'happened'].push(say(message));
  }

  if (finding.announced !== null) {
    lines.announced.unshift(t('story-scheduled', { time: moment(finding.announced, zone) }));
  }
  for (const one of announcements) {
    const said = lines.announced.some((line) => line.includes(one.text));
    const begins = Date.parse(one.since) <= Date.parse(finding.to);
    if (said || !begins || (one.until !== null && one.until < finding.from)) continue;
    const text = t('said-announcement', { text: one.text });
    lines.announced.push(t('sentence', { text }));
  }
  const title = finding.incident === null ? null : (finding.incident.title ?? finding.incident.id);
  if (title !== null && !lines.announced.some((line) => line.includes(title))) {
    lines.announced.push(t('sentence', { text: t('said-incident', { title }) }));
  }
  if (evidence !== null && evidence.failures.length > 0) {
    const count = evidence.failures.reduce((sum, run) => sum + run.count, 0);
    lines.announced.push(t('story-failed', { count }));
  }
  if (lines.announced.length === 0) lines.announced.push(t('story-nothing-announced'));

  if (lines.happened.length === 0) {
    const span = [moment(finding.from, zone), moment(finding.to, zone)];
    const text = t('between', { from: span[0] ?? '', to: span[1] ?? '' });
    lines.happened.push(t('sentence', { text }));
  }

  const figures = findingFigures(finding);
  if (figures !== '') lines.expected.unshift(t('sentence', { text: figures }));
  if (lines.expected.length === 0) lines.expected.push(t('story-expected-unknown'));

  const verdict = evidence?.observed.find(
    (point) =>
      point.verdict !== null &&
      Date.parse(point.at) > Date.parse(finding.from) &&
      Date.parse(point.at) <= Date.parse(finding.to),
  )?.verdict;
  if (lines.logs.length === 0 && verdict) lines.logs.push(verdictAbout(verdict.word));
  if (known !== undefined) {
    const share = { what: seriesName(known.series), percent: percent(known.share * 100) };
    lines.logs.push(t('sentence', { text: t('known-use', share) }));
  }
  if (lines.logs.length === 0) lines.logs.push(t('story-logs-unknown'));

  lines.cost.push(costText(finding));

  const withdrawal = withdrawalText(finding, zone, now);
  if (withdrawal !== '') lines.outcome.push(t('sentence', { text: withdrawal }));
  else if (finding.recovered_by !== null) lines.outcome.push(t('story-given-back'));
  else if (finding.state === 'open') lines.outcome.push(t('story-open'));
  if (finding.state !== 'open') {
    const at = finding.marked_at;
    const said = t(`mark-${finding.state}.about`);
    lines.outcome.push(at === null ? said : labelValue(moment(at, zone), said));
  }
  return STEPS.map((step) => ({ step, lines: lines[step] }));
}

/** The amount of a range: `14 points`, `25.5–28.3 points`, `¥98.16`. */
export function beyondText({ low, high }: Interval, unit: string): string {
  const [least, most] = [points(low, unit), points(high, unit)];
  if (least === most) return most;
  return unit === 'percent'
    ? t('range-short', { low: plainPoints(low), high: most })
    : t('range-short', { low: least, high: most });
}

const plainPoints = (value: number): string =>
  new Intl.NumberFormat(i18n.tag, { maximumFractionDigits: 1 }).format(Math.round(value * 10) / 10);

function costText(finding: FindingView): string {
  const { beyond, unit } = finding;
  if (beyond === null || unit === null) return t('story-cost-none');
  const amount = beyondText(beyond, unit);
  return t('story-cost', { amount, what: seriesName(finding.series) });
}

/** The amount of a row: what was taken beyond the expected amount, what came, or a change of level. */
export function rowAmount(finding: FindingView): string {
  if (finding.withdrawn !== null) return '';
  if (finding.kind === 'credit' && finding.amount !== null) return `+${money(finding.amount)}`;
  if (finding.kind === 'expiry' && finding.amount !== null) return `−${money(finding.amount)}`;
  if (finding.kind === 'recovered' && finding.observed !== null && finding.unit !== null) {
    return `+${points(finding.observed, finding.unit)}`;
  }
  if (finding.used_before !== null && finding.used_after !== null) {
    return t('from-to', {
      before: percent(finding.used_before),
      after: percent(finding.used_after),
    });
  }
  const { beyond, unit } = finding;
  return isDeduction(finding) && beyond !== null && unit !== null
    ? `−${beyondText(beyond, unit)}`
    : '';
}

/** The sums of one month, as `¥112.94 of balance`, quotas and money apart. The month is `2026-11`. */
export function monthSums(sums: readonly UnexplainedSum[], month: string): UnexplainedSum[] {
  return sums.filter((sum) => sum.month === month);
}

/** The months that have sums, the latest first. */
export const months = (sums: readonly UnexplainedSum[]): string[] => [
  ...new Set(sums.map((sum) => sum.month)),
];

/** What was given back of a sum, and of how many accounts it is; empty for one account of which nothing came back. */
export function sumNote(sum: UnexplainedSum): string {
  const notes: string[] = [];
  if (sum.given_back.high > 0) {
    notes.push(t('sum-given-back', { amount: beyondText(sum.given_back, sum.unit) }));
  }
  if (sum.accounts > 1) notes.push(t('sum-accounts', { count: sum.accounts }));
  return joinClauses(notes);
}
