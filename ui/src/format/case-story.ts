// A case step by step: what was announced, what happened, what was expected, what the logs show, what the data lack,
// what it cost, what came of it. A step answers its own question, or is left out. Pure.
import type { Case, FailureRow, FindingView, MessageView, UnexplainedSum } from '../api/types';
import { labelValue, t } from '../state/i18n.svelte';
import { isDeduction, difference, sentence, verdictAbout } from './findings';
import { seriesName } from './names';
import { money, percent } from './number';
import { beyondText, takenText } from './taken';
import { day, moment } from './time';

export const STEPS = [
  'announced',
  'happened',
  'expected',
  'logs',
  'lacks',
  'cost',
  'outcome',
] as const;
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
  'others-idle': 'logs',
  'usage-deducted-before': 'logs',
  'usage-explains': 'logs',
  'hardly-paused': 'logs',
  'log-missing': 'lacks',
};

/** Polls that failed so long before or after a case concern it. */
const AROUND = 3_600_000;

/** The story of an anomaly. A step of which nothing is known is left out. */
export function caseStory(
  finding: FindingView,
  evidence: Case | null,
  zone: string,
  now: number,
): StoryStep[] {
  const lines: Record<Step, string[]> = {
    announced: [],
    happened: [],
    expected: [],
    logs: [],
    lacks: [],
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
  const title = finding.incident === null ? null : (finding.incident.title ?? finding.incident.id);
  if (title !== null && !lines.announced.some((line) => line.includes(title))) {
    lines.announced.push(t('sentence', { text: t('said-incident', { title }) }));
  }
  if (lines.happened.length === 0) lines.happened.push(...happened(finding, say));

  const expected = expectedText(finding);
  if (expected !== '') lines.expected.unshift(expected);

  const during = (evidence?.observed ?? []).filter(
    ({ at }) =>
      Date.parse(at) > Date.parse(finding.from) && Date.parse(at) <= Date.parse(finding.to),
  );
  const withdrawn = finding.withdrawn !== null;
  if (withdrawn) {
    // What the logs showed at the time holds no more.
    lines.logs = [t('sentence', { text: lateUsage(finding) })];
  } else {
    const verdict = during.find((point) => point.verdict !== null)?.verdict;
    if (lines.logs.length === 0 && verdict) lines.logs.push(verdictAbout(verdict.word));
  }
  const near = (run: FailureRow): boolean =>
    Date.parse(run.to) >= Date.parse(finding.from) - AROUND &&
    Date.parse(run.from) <= Date.parse(finding.to) + AROUND;
  const failed = (evidence?.failures ?? []).filter(near).reduce((sum, run) => sum + run.count, 0);
  if (failed > 0) lines.lacks.push(t('story-failed', { count: failed }));
  if (during.some((point) => point.gap)) lines.lacks.push(t('story-gap'));

  const { beyond, unit } = finding;
  if (!withdrawn && beyond !== null && unit !== null) {
    const amount = beyondText(beyond, unit);
    lines.cost.push(t('story-cost', { amount, what: seriesName(finding.series) }));
  }

  if (finding.withdrawn !== null) {
    lines.outcome.push(t('story-withdrawn', { day: day(finding.withdrawn.at, zone, now) }));
  } else if (finding.recovered_by !== null) lines.outcome.push(t('story-given-back'));
  else if (finding.state === 'open') lines.outcome.push(t('story-open'));
  if (finding.state !== 'open') {
    const at = finding.marked_at;
    const said = t(`mark-${finding.state}.about`);
    lines.outcome.push(at === null ? said : labelValue(moment(at, zone), said));
  }
  return STEPS.filter((step) => lines[step].length > 0).map((step) => ({
    step,
    lines: lines[step],
  }));
}

/** What happened to a series, where the event does not say it in words of its own: an older version recorded it. */
function happened(finding: FindingView, say: (message: MessageView) => string): string[] {
  const { from, to, observed, series, unit } = finding;
  if (!isDeduction(finding) || observed === null || series === null || unit === null) return [];
  const args: MessageView['args'] = {
    from: { kind: 'time', value: from },
    to: { kind: 'time', value: to },
    series: { kind: 'series', value: series },
    amount: { kind: 'amount', value: { value: observed, unit } },
  };
  return [say({ id: 'lost', args })];
}

/** Less than this is rounding. */
const NOTHING = 0.05;

/** What was expected instead; empty where nothing can be said. */
function expectedText(finding: FindingView): string {
  const { expected, unit, messages } = finding;
  if (expected === null || unit === null) return '';
  if (finding.class === 'overdue-reset') {
    return t('story-expected-reset', { high: percent(expected.high) });
  }
  if (!isDeduction(finding)) return '';
  if (expected.high < NOTHING) {
    const idle = messages.explanation.some(({ id }) => id === 'no-usage');
    return t('story-expected-none', { idle: idle ? 'yes' : 'no' });
  }
  const most = expected.low < NOTHING;
  const amount = most ? difference(expected.high, unit) : beyondText(expected, unit);
  return t('story-expected', { most: most ? 'yes' : 'no', amount });
}

/** Whose usage, known later, explains an anomaly. */
const lateUsage = ({ withdrawn }: FindingView): string =>
  t('withdrawn-why', { machine: withdrawn?.machine ?? 'none' });

/** What came back of an anomaly, of all that the reset or credit gave: `null` where only that is known. */
export function cameBack({ messages }: FindingView): number | null {
  const said = messages.explanation.find(({ id }) => id === 'given-back')?.args['amount'];
  return said?.kind === 'amount' ? said.value.value : null;
}

/** The amount of a row: what was taken beyond the expected amount, what came, or a change of level. */
export function rowAmount(finding: FindingView): string {
  if (finding.withdrawn !== null) return '';
  if (finding.kind === 'credit' && finding.amount !== null) return `+${money(finding.amount)}`;
  if (finding.kind === 'expiry' && finding.amount !== null) return `−${money(finding.amount)}`;
  if (finding.kind === 'recovered' && finding.observed !== null && finding.unit !== null) {
    return `+${difference(cameBack(finding) ?? finding.observed, finding.unit)}`;
  }
  if (finding.used_before !== null && finding.used_after !== null) {
    return t('from-to', {
      before: percent(finding.used_before),
      after: percent(finding.used_after),
    });
  }
  const { beyond, unit } = finding;
  return isDeduction(finding) && beyond !== null && unit !== null ? takenText(beyond, unit) : '';
}

/** Of what was given back, the reset or credit that it was part of; empty where that gave no more. */
export function cameBackWithin(finding: FindingView): string {
  const [back, whole] = [cameBack(finding), finding.observed];
  if (finding.kind !== 'recovered' || back === null || whole === null) return '';
  if (whole - back < NOTHING) return '';
  return t('came-back-within', { amount: difference(whole, finding.unit) });
}

/** The sums of one month, by account, those of which something is still missing first. The month is `2026-11`. */
export function monthSums(sums: readonly UnexplainedSum[], month: string): UnexplainedSum[] {
  const of = sums.filter((sum) => sum.month === month);
  return [...of.filter((sum) => !isAllBack(sum)), ...of.filter(isAllBack)];
}

/** The months that have sums, the latest first. */
export const months = (sums: readonly UnexplainedSum[]): string[] => [
  ...new Set(sums.map((sum) => sum.month)),
];

/** Whether all of a sum was given back. */
export const isAllBack = ({ beyond, given_back }: UnexplainedSum): boolean =>
  given_back.high > 0 && beyond.high - given_back.high < 1e-6;

/** What was given back of a sum; empty where nothing was. */
export function sumNote(sum: UnexplainedSum): string {
  if (isAllBack(sum)) return t('sum-all-given-back');
  return sum.given_back.high > 0
    ? t('sum-given-back', { amount: beyondText(sum.given_back, sum.unit) })
    : '';
}
