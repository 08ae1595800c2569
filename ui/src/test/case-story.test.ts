import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import type { Case, FailureRow, FindingView, PastForecast, UnexplainedSum } from '../api/types';
import { anomalyAmount } from '../format/anomaly';
import { cameBackWithin, caseStory, rowAmount, STEPS, sumNote } from '../format/case-story';
import { beyondText } from '../format/taken';
import { cameTrue, forecastSaid, hindsightScore } from '../format/hindsight';
import { resetPage, setLanguage } from './render';

beforeEach(resetPage);

const found = (id: number, change: Partial<FindingView> = {}): FindingView => ({
  ...(fixture.findings().findings.find((one) => one.id === id) as FindingView),
  ...change,
});

describe('the amount of a row', () => {
  test.each<[string, FindingView]>([
    ['−52.5 points', found(10)],
    // A range has no sign before it, and is no exact figure.
    ['13–14 points more', found(8)],
    ['78.5% → 0%', found(9)],
    ['+$50.00', found(7)],
    ['$4.05–$5.30 more', found(13)],
    // What is withdrawn took nothing.
    ['', found(14)],
    // A status of the whole account has no amount.
    ['', found(5)],
    ['', found(10, { class: 'overdue-reset', beyond: null, observed: 80 })],
    ['−1 point', found(10, { beyond: { low: 1, high: 1 } })],
  ])('is %s', (text, finding) => expect(rowAmount(finding)).toBe(text));

  test('is the same on the account’s card, and never the lower end of a range', () => {
    for (const id of [10, 8, 13]) expect(anomalyAmount(found(id))).toBe(rowAmount(found(id)));
  });

  test('of what was given back is what was lost, not all that a reset gave', () => {
    const back = found(12, {
      observed: 100,
      messages: {
        explanation: [
          {
            id: 'given-back',
            args: { amount: { kind: 'amount', value: { value: 62.44, unit: 'percent' } } },
          },
        ],
        evidence: [],
      },
    });
    expect(rowAmount(back)).toBe('+62.4 points');
    expect(cameBackWithin(back)).toBe('within a reset or credit of 100 points');
    expect(cameBackWithin({ ...back, observed: 62.44 })).toBe('');
    expect(cameBackWithin(found(12))).toBe('');
  });
});

test.each([
  ['en', { low: 25.54, high: 28.31 }, 'percent', '26–28 points'],
  ['zh-CN', { low: 25.54, high: 28.31 }, 'percent', '26–28 个百分点'],
  // Ends that would become the same, and small ones, keep their decimals, as in the report.
  ['en', { low: 22.6, high: 22.9 }, 'percent', '22.6–22.9 points'],
  ['en', { low: 4.2, high: 5.9 }, 'percent', '4.2–5.9 points'],
  ['en', { low: 6.9993, high: 7 }, 'percent', '7 points'],
  ['en', { low: 98.16, high: 98.16 }, 'CNY', '¥98.16'],
  ['zh-CN', { low: 98.1, high: 99 }, 'CNY', '¥98.10–¥99.00'],
] as const)('in %s, %o of %s is %s', (language, range, unit, text) => {
  setLanguage(language);
  expect(beyondText(range, unit)).toBe(text);
});

describe('a case', () => {
  const storyOf = (finding: FindingView): Map<string, string[]> =>
    new Map(
      caseStory(finding, null, 'Asia/Shanghai', fixture.NOW).map(({ step, lines }) => [
        step,
        lines,
      ]),
    );

  test('has only steps that say something, in their order', () => {
    for (const finding of fixture.findings().findings.filter((one) => one.kind === 'anomaly')) {
      const bare = { ...finding, messages: { explanation: [], evidence: [] }, expected: null };
      for (const one of [finding, bare]) {
        const story = storyOf(one);
        expect([...story.keys()]).toEqual(STEPS.filter((step) => story.has(step)));
        for (const [step, lines] of story) expect(lines.join(''), step).not.toBe('');
        expect(story.get('happened'), String(one.id)).toHaveLength(1);
        expect(story.has('outcome')).toBe(true);
      }
    }
    expect([...storyOf(found(10)).keys()]).toEqual([
      'happened',
      'expected',
      'logs',
      'cost',
      'outcome',
    ]);
  });

  test.each<[string, FindingView, string[]]>([
    ['nothing, and why', found(10), ['Nothing: there was no usage in that time.']],
    ['a limit', found(8), ['At most 1.5 points.']],
    ['a range', found(11), ['6.8–8.8 points.']],
    [
      'what another quota allows',
      found(10, { messages: { explanation: [], evidence: [] } }),
      ['Nothing.'],
    ],
    [
      'a reset',
      found(10, { class: 'overdue-reset', beyond: null, expected: { low: 0, high: 3 } }),
      ['A reset, and at most 3% used since.'],
    ],
  ])('that was expected to be %s answers that, not what happened', (_, finding, lines) =>
    expect(storyOf(finding).get('expected')).toEqual(lines),
  );

  test('says with a verb and an amount what happened, also where an older version recorded it', () => {
    const [line] = storyOf(found(14)).get('happened') ?? [];
    expect(line).toBe('Between Nov 20, 12:20 and Nov 20, 13:20, the weekly quota lost 9 points.');
  });

  test('that is withdrawn has the logs as they are known since, and cost nothing', () => {
    const story = storyOf(found(14));
    expect(story.get('logs')).toEqual(['Usage that “笔记本” reported late explains it.']);
    expect(story.has('cost')).toBe(false);
  });

  test('says of failed polls and gaps that data are missing, not that they were announced', () => {
    const finding = found(14);
    const at = fixture.iso(Date.parse(finding.to) - 60_000);
    const evidence = {
      ...(fixture.caseOf(14) as Case),
      failures: [
        {
          ...(fixture.findings().failures[0] as FailureRow),
          count: 11,
          from: finding.from,
          to: finding.to,
        },
        // On another day.
        fixture.findings().failures[0] as FailureRow,
      ],
      observed: [{ at, until: at, value: 9, gap: true, deducted: 9, verdict: null }],
    };
    const story = caseStory(finding, evidence, 'UTC', fixture.NOW);
    const lines = new Map(story.map((one) => [one.step, one.lines]));
    expect(lines.has('announced')).toBe(false);
    expect(lines.get('lacks')).toEqual([
      '11 polls failed around that time.',
      'Readings are missing for part of that time.',
    ]);
  });

  test.each([
    ['is open', found(10), 'Nothing yet. It is open.'],
    ['was given back', found(11), 'It was given back.'],
    ['is withdrawn', found(14), 'Withdrawn on Nov 21.'],
    ['is the user’s own', found(13), /You used it/],
  ])('that %s says what came of it', (_, finding, text) => {
    const [first] = storyOf(finding).get('outcome') ?? [];
    if (typeof text === 'string') expect(first).toBe(text);
    else expect(first).toMatch(text);
  });

  test('quotes an announcement only where the audit has connected it with this quota and time', () => {
    expect(storyOf(found(10)).has('announced')).toBe(false);
    const said = {
      id: 'announcement',
      args: { text: { kind: 'text', value: 'Half price' } },
    } as const;
    const since = { kind: 'time', value: found(10).from } as const;
    const announced = { ...said, args: { ...said.args, since } };
    const finding = found(10, { messages: { explanation: [announced], evidence: [] } });
    expect(storyOf(finding).get('announced')?.join('')).toContain('“Half price”');
  });
});

test('a sum says what of it was given back', () => {
  const [sum] = fixture.findings().unexplained as [UnexplainedSum];
  const beyond = { low: 62.44, high: 62.44 };
  expect(sumNote({ ...sum, beyond, given_back: beyond })).toBe('all of it given back');
  expect(sumNote({ ...sum, beyond, given_back: { low: 7, high: 7 } })).toBe(
    '7 points of it given back',
  );
  expect(sumNote({ ...sum, given_back: { low: 0, high: 0 } })).toBe('');
});

describe('a forecast in hindsight', () => {
  const [fixed] = fixture.hindsight().forecasts as [PastForecast];
  const row = (lasts: number, emptied: string | null): PastForecast => ({
    ...fixed,
    forecast: { lasts, empty: null },
    emptied,
  });
  const late = fixed.cycle.to;

  test.each([
    [0.9, null, true],
    [0.9, late, false],
    [0.1, late, true],
    [0.1, null, false],
    // Either was as likely.
    [0.5, null, null],
    [0.5, late, null],
  ])('of %d that ends %s is right: %s', (lasts, emptied, right) => {
    expect(cameTrue(row(lasts, emptied))).toBe(right);
  });

  test('counts only what said something', () => {
    const rows = [row(0.9, null), row(0.9, late), row(0.5, null)];
    expect(hindsightScore(rows)).toEqual({ right: 1, wrong: 1, all: 2, unsure: 1 });
    expect(hindsightScore([])).toEqual({ right: 0, wrong: 0, all: 0, unsure: 0 });
  });

  test('that could go either way claims nothing', () => {
    expect(forecastSaid(row(0.5, null), 'UTC', fixture.NOW)).toBe('Too close to call');
  });

  test('never claims to have been certain', () => {
    expect(forecastSaid(row(0.999, null), 'UTC', fixture.NOW)).toBe('Lasts, over 90%');
    expect(forecastSaid(row(0.001, late), 'UTC', fixture.NOW)).toBe('Runs out, over 90%');
  });
});
