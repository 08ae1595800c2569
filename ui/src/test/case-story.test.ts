import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import type { FindingView, PastForecast } from '../api/types';
import { beyondText, caseStory, rowAmount, STEPS } from '../format/case-story';
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
    ['−12.5–14 points', found(8)],
    ['78.5% → 0%', found(9)],
    ['+$50.00', found(7)],
    ['−$4.05–$5.30', found(13)],
    // What is withdrawn took nothing.
    ['', found(14)],
    // A status of the whole account has no amount.
    ['', found(5)],
    ['', found(10, { class: 'overdue-reset', beyond: null, observed: 80 })],
    ['−1 point', found(10, { beyond: { low: 1, high: 1 } })],
  ])('is %s', (text, finding) => expect(rowAmount(finding)).toBe(text));
});

test.each([
  ['en', { low: 25.54, high: 28.31 }, 'percent', '25.5–28.3 points'],
  ['zh-CN', { low: 25.54, high: 28.31 }, 'percent', '25.5–28.3 个百分点'],
  ['en', { low: 98.16, high: 98.16 }, 'CNY', '¥98.16'],
  ['zh-CN', { low: 98.1, high: 99 }, 'CNY', '¥98.10–¥99.00'],
] as const)('in %s, %o of %s is %s', (language, range, unit, text) => {
  setLanguage(language);
  expect(beyondText(range, unit)).toBe(text);
});

describe('a case', () => {
  const storyOf = (finding: FindingView): Map<string, string[]> =>
    new Map(
      caseStory(finding, null, undefined, [], 'Asia/Shanghai', fixture.NOW).map(
        ({ step, lines }) => [step, lines],
      ),
    );

  test('says something in every step, whatever is unknown', () => {
    for (const finding of fixture.findings().findings.filter((one) => one.kind === 'anomaly')) {
      const bare = { ...finding, messages: { explanation: [], evidence: [] }, expected: null };
      for (const one of [finding, bare]) {
        const story = storyOf(one);
        expect([...story.keys()]).toEqual([...STEPS]);
        for (const [step, lines] of story) expect(lines.join(''), step).not.toBe('');
      }
    }
  });

  test.each([
    ['is open', found(10), 'Nothing yet. It is open.'],
    ['was given back', found(11), 'It was given back.'],
    [
      'is withdrawn',
      found(14),
      'Withdrawn on Nov 21: usage that “笔记本” reported late explains it.',
    ],
    ['is the user’s own', found(13), /You used it/],
  ])('that %s says what came of it', (_, finding, text) => {
    const [first] = storyOf(finding).get('outcome') ?? [];
    if (typeof text === 'string') expect(first).toBe(text);
    else expect(first).toMatch(text);
  });

  test('quotes only what was announced in its time', () => {
    const announced = (since: string, until: string | null): string[] => {
      const row = { id: 'a', text: 'Half price', since, until };
      const story = caseStory(found(10), null, undefined, [row], 'UTC', fixture.NOW);
      return story.find(({ step }) => step === 'announced')?.lines ?? [];
    };
    const { from, to } = found(10);
    const day = 24 * 3600_000;
    const at = (time: string, days: number): string => fixture.iso(Date.parse(time) + days * day);
    expect(announced(at(from, -1), null)).toEqual(['Kimi Code announced: “Half price”.']);
    const none = ['No announcement and no incident on the status page is on record for this time.'];
    expect(announced(at(to, 1), null)).toEqual(none);
    expect(announced(at(from, -2), at(from, -1))).toEqual(none);
  });
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
    expect(hindsightScore(rows)).toEqual({ right: 1, all: 2 });
    expect(hindsightScore([])).toEqual({ right: 0, all: 0 });
  });

  test('never claims to have been certain', () => {
    expect(forecastSaid(row(0.999, null), 'UTC', fixture.NOW)).toBe('Lasts, about 95%');
    expect(forecastSaid(row(0.001, late), 'UTC', fixture.NOW)).toBe('Runs out, about 95%');
  });
});
