import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue as parsed, groupsOfWindow } from '../../catalogue';
import * as fixture from '../../dev/fixture.mjs';
import type { MessageView } from '../api/types';
import {
  confidenceText,
  findingChange,
  findingFigures,
  findingTitle,
  sentence,
} from '../format/findings';
import { i18n, LANGUAGES } from '../state/i18n.svelte';
import { catalogue, root, setLanguage } from './render';

test.each([
  [
    'en',
    [
      'Weekly quota reset early | 78.5% → 0% | ',
      'Emptied at once · 5-hour quota |  | Deducted 52.5 points, expected none',
      'Unexplained deduction · Monthly quota |  | Deducted 14 points, expected at most 1.5 points',
      'Given back · Monthly quota |  | ',
      'Top-up $50.00 |  | ',
      'Draining faster · Monthly quota |  | Deducted about 2.4–3.1 times as much as expected',
      'Unexplained deduction · Balance ($) |  | Deducted $6.40, expected $1.10–$2.35',
      'Withdrawn · Weekly quota |  | ',
      'Unexplained deduction · Weekly quota |  | Deducted 9 points, expected at most 1 point',
      'Limit changed: Weekly quota | 2048 → 4096 | ',
      'Plan changed | Moderato → Allegretto | ',
      '5-hour quota reset on time | 61% → 2.5% | ',
    ],
  ],
] as const)(
  'findings in %s are named by what they are, and say their figures',
  (language, expected) => {
    setLanguage(language);
    const titles = fixture
      .findings()
      .findings.map((one) =>
        [findingTitle(one), findingChange(one), findingFigures(one)].join(' | '),
      );
    expect(titles).toEqual(expected);
  },
);

test('a level is not described as a deduction, and a missing figure is left out', () => {
  setLanguage('en');
  const [base] = fixture.findings().findings;
  if (base === undefined) throw new Error('no finding');
  const figures = (given: Partial<typeof base>): string =>
    findingFigures({ ...base, kind: 'anomaly', ...given });
  expect(figures({ class: 'overdue-reset', observed: 88, expected: { low: 0, high: 3 } })).toBe(
    'Still at 88% used',
  );
  expect(figures({ class: 'disagreement', observed: 40 })).toBe(
    'Kimi reports two different figures; the larger is 40% used',
  );
  expect(figures({ class: 'unexplained', observed: 5 })).toBe('');
  expect(figures({ class: 'unexplained', observed: null })).toBe('');
  expect(figures({ class: 'unexplained', observed: 1, expected: { low: 0, high: 0 } })).toBe(
    'Deducted 1 point, expected none',
  );
  setLanguage('zh-CN');
  expect(figures({ class: 'accelerated', factor: { low: 2.44, high: 3 } })).toBe(
    '扣减约为预期的 2.4–3 倍',
  );
});

test.each([
  [1, 'certain'],
  [0.97, 'almost certain'],
  [0.9, 'very likely'],
  [0.7, 'likely'],
  [0.4, 'possible'],
])('a confidence of %d is %s', (confidence, text) => {
  setLanguage('en');
  expect(confidenceText(confidence)).toBe(text);
});

describe('the messages of an explanation are sentences in the language and time zone of the reader', () => {
  // One of each message with all its arguments, as the engine's own test sends them.
  const SENT =
    'tidemark_api__server__findings__tests__every_message_keeps_its_arguments_with_their_units.snap';
  const snapshot = readFileSync(join(root, 'crates/api/src/server/snapshots', SENT), 'utf8');
  const all = JSON.parse(snapshot.slice(snapshot.indexOf('\n[') + 1)) as MessageView[];
  const textOf = (message: MessageView): string =>
    sentence(message, 'Asia/Shanghai', '2026-11-22T06:20:00Z');

  test.each(LANGUAGES)(
    'every message has its text in the part of the catalogue that the window loads, in %s',
    (language) => {
      i18n.use(language, parsed(groupsOfWindow(catalogue(language))));
      expect(all.length).toBeGreaterThan(60);
      for (const message of all) {
        const text = textOf(message);
        // A missing variable is shown in braces, a missing message by its id.
        expect(text, message.id).not.toMatch(/[{}]|says-|the-series|undefined|^\s*$/);
        if (language === 'zh-CN') {
          const names = /“[^”]*”|Moderato|Pro|token|Kimi Code|\d+月\d+日/g;
          expect(text.replaceAll(names, ''), message.id).not.toMatch(/[a-z]{2}/i);
          expect(text.replaceAll(names, ''), message.id).not.toMatch(
            /[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u4e00-\u9fff]/u,
          );
        }
      }
    },
  );

  test.each([
    [
      'lost',
      'Between Sep 23, 10:00 and Sep 23, 10:05, the weekly quota lost 7 points.',
      '9月23日 10:00 – 9月23日 10:05，每周额度被扣减 7 个百分点。',
    ],
    [
      'lost-in-steps',
      'Between Sep 23, 10:00 and Sep 23, 10:05, the balance lost $1.50 in 4 small steps.',
      '9月23日 10:00 – 9月23日 10:05，余额分 4 小步被扣减 $1.50。',
    ],
    [
      'other-quota-allows',
      'In that time, the 5-hour quota moved by 2 points, which accounts for 0.4 points at most.',
      '在此期间，5 小时额度变动 2 个百分点，据此最多只应扣减 0.4 个百分点。',
    ],
    [
      'reset-overdue',
      'A reset of the weekly quota was scheduled for Sep 23, 10:00; 15 minutes later, 40% was still used.',
      '每周额度原定 9月23日 10:00 重置，15 分钟后仍显示已用 40%。',
    ],
    [
      'incident',
      'The status page has reported “Elevated 502s” since Sep 23, 10:00 (impact: major).',
      '状态页自 9月23日 10:00 起报告“Elevated 502s”（严重故障）。',
    ],
    [
      'announcement',
      'Kimi Code’s announcement, in effect from Sep 23, 10:00: “Kimi Code Pro: 100%”.',
      'Kimi Code 官方通知（自 9月23日 10:00 起有效）：“Kimi Code Pro: 100%”。',
    ],
    [
      'money-at',
      'Sep 23, 10:01: the balance at $12.50 in cash and $12.50 in vouchers',
      '9月23日 10:01，余额：现金 $12.50，代金券 $12.50',
    ],
    [
      'rate-limit-at',
      'Sep 23, 10:01: limit of concurrent requests 15',
      '9月23日 10:01：并发上限 15',
    ],
  ])('%s', (id, english, chinese) => {
    const message = all.find((one) => one.id === id) as MessageView;
    setLanguage('en');
    expect(textOf(message)).toBe(english);
    setLanguage('zh-CN');
    expect(textOf(message)).toBe(chinese);
  });

  test('a time of another year shows its year', () => {
    setLanguage('zh-CN');
    const at = { kind: 'time', value: '2025-12-31T16:00:00Z' } as const;
    expect(textOf({ id: 'finding-of', args: { at } })).toBe('1月1日 00:00 的事件');
    const before = { ...at, value: '2025-12-31T15:59:00Z' };
    expect(textOf({ id: 'finding-of', args: { at: before } })).toBe('2025年12月31日 23:59 的事件');
  });
});
