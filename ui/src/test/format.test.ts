import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { catalogue as parsed, groupsOfWindow } from '../../catalogue';
import type { MessageView } from '../api/types';
import {
  findingFigures,
  findingChange,
  findingTitle,
  sentence,
  confidenceText,
} from '../format/findings';
import { forecastLine } from '../format/forecast';
import { keyShape } from '../format/key-shape';
import { seriesName } from '../format/names';
import { axisValue, compact, exactMoney, money, percent, quantity } from '../format/number';
import {
  age,
  countdown,
  dayKey,
  firstOfMonth,
  longDay,
  longDays,
  nearMoment,
  shiftDay,
  soon,
  span,
} from '../format/time';
import { guardNavigatorLanguage } from '../navigator-language';
import * as fixture from '../../dev/fixture.mjs';
import {
  joinClauses,
  labelValue,
  LANGUAGES,
  joinList,
  i18n,
  type Language,
} from '../state/i18n.svelte';
import { catalogue, root, setLanguage } from './render';

const NOW = Date.parse('2026-11-22T06:20:00Z');
const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;
const at = (ms: number): string => new Date(NOW + ms).toISOString();

interface Tables {
  span: [number, string][];
  countdown: [number, string][];
  age: [number, string][];
  soon: [number, string][];
  near: [number, string][];
  percent: [number | null, string][];
  money: [string, string, string][];
  compact: [number, string][];
}

const TABLES: Record<Language, Tables> = {
  en: {
    span: [
      [0, '0 s'],
      [41 * S, '41 s'],
      [9 * MIN + 5 * S, '9 min 5 s'],
      [10 * MIN + 5 * S, '10 min'],
      [2 * H + 14 * MIN, '2 h 14 min'],
      [2 * H, '2 h'],
      [3 * D + 4 * H + 59 * MIN, '3 d 4 h'],
      [24 * D + 18 * H, '24 d'],
      [-5 * S, '0 s'],
    ],
    countdown: [
      [2 * H + 14 * MIN, 'resets in 2 h 14 min'],
      [0, 'reset due'],
      [-H, 'reset due'],
    ],
    age: [
      [-10 * S, 'just now'],
      [30 * S, 'just now'],
      [4 * MIN + 50 * S, '4 min ago'],
      [3 * H, '3 h ago'],
      [26 * H, '26 h ago'],
      [3 * D, '3 d ago'],
    ],
    soon: [
      [-1, 'in a moment'],
      [20 * S, 'in 20 s'],
      [3 * MIN, 'in 3 min'],
      [2 * MIN + 45 * S, 'in 3 min'],
    ],
    near: [
      [5 * MIN, '14:25'],
      [D, 'tomorrow 14:20'],
      [-D, 'yesterday 14:20'],
      [3 * D, 'Wed 14:20'],
      [24 * D + 18 * H, 'Dec 17, 08:20'],
      [60 * D, 'Jan 21, 2027, 14:20'],
    ],
    percent: [
      [141.47, '141%'],
      [0, '0%'],
      [0.02, '0.1%'],
      [43.72, '43.7%'],
      [50, '50%'],
      [99.97, '99.9%'],
      [100, '100%'],
      [104.2, '104%'],
      [1640, '1,640%'],
      [null, '–'],
      [NaN, '–'],
    ],
    money: [
      ['49.58894', 'USD', '$49.59'],
      ['3.152507', 'CNY', '¥3.15'],
      ['0', 'CNY', '¥0.00'],
      ['0.0003', 'CNY', '<¥0.01'],
      ['-4.37', 'CNY', '-¥4.37'],
      ['12345.6', 'USD', '$12,345.60'],
      ['1', 'credits', '1.00 credits'],
    ],
    compact: [
      [20, '20'],
      [2_000_000, '2M'],
      [1_500_000, '1.5M'],
    ],
  },
  'zh-CN': {
    span: [
      [41 * S, '41 秒'],
      [9 * MIN + 5 * S, '9 分钟 5 秒'],
      [2 * H + 14 * MIN, '2 小时 14 分钟'],
      [3 * D + 4 * H, '3 天 4 小时'],
    ],
    countdown: [
      [2 * H + 14 * MIN, '2 小时 14 分钟后重置'],
      [0, '应已重置，等待更新'],
    ],
    age: [
      [30 * S, '刚刚'],
      [4 * MIN, '4 分钟前'],
      [3 * D, '3 天前'],
    ],
    soon: [
      [-1, '即将'],
      [3 * MIN, '3 分钟后'],
    ],
    near: [
      [5 * MIN, '14:25'],
      [D, '明天 14:20'],
      [3 * D, '周三 14:20'],
      [24 * D + 18 * H, '12月17日 08:20'],
    ],
    percent: [
      [43.72, '43.7%'],
      [104.2, '104%'],
      [null, '–'],
    ],
    money: [
      ['49.58894', 'USD', '$49.59'],
      ['3.152507', 'CNY', '¥3.15'],
      ['-4.37', 'CNY', '-¥4.37'],
    ],
    compact: [
      [20, '20'],
      [2_000_000, '200万'],
    ],
  },
};

describe.each(['en', 'zh-CN'] as const)('in %s', (language) => {
  const table = TABLES[language];
  beforeEach(() => setLanguage(language));

  test.each(table.span)('a span of %d ms is %s', (ms, text) => expect(span(ms)).toBe(text));
  test.each(table.countdown)('a reset in %d ms: %s', (ms, text) =>
    expect(countdown(at(ms), NOW)).toBe(text),
  );
  test.each(table.age)('a value %d ms old: %s', (ms, text) => expect(age(at(-ms), NOW)).toBe(text));
  test.each(table.soon)('the next update in %d ms: %s', (ms, text) =>
    expect(soon(at(ms), NOW)).toBe(text),
  );
  test.each(table.near)('a moment in %d ms: %s', (ms, text) =>
    expect(nearMoment(at(ms), 'Asia/Shanghai', NOW)).toBe(text),
  );
  test.each(table.percent)('%d percent is %s', (value, text) => expect(percent(value)).toBe(text));
  test.each(table.money)('%s %s is %s', (amount, currency, text) =>
    expect(money({ amount, currency })).toBe(text),
  );
  test.each(table.compact)('%d in short is %s', (value, text) => expect(compact(value)).toBe(text));
});

describe('unknown is shown as unknown, not as zero:', () => {
  beforeEach(() => setLanguage('en'));
  test('money', () => expect([money(null), exactMoney(null)]).toEqual(['–', 'unknown']));
  test('a quantity', () => expect(quantity(null, 'percent')).toBe('–'));
});

test('axis values have their unit', () => {
  setLanguage('en');
  const said = (values: number[], unit: string): string[] =>
    values.map((value) => axisValue(value, unit));
  expect(said([0.5, 2.5, 200, 12_000], 'percent')).toEqual(['0.5%', '2.5%', '200%', '12K%']);
  expect(said([0.25, 5, 1500, 20_000], 'USD')).toEqual(['$0.25', '$5', '$1,500', '$20K']);
  expect(said([0.5, 1], 'CNY')).toEqual(['¥0.5', '¥1']);
  expect(said([50, 1_500_000], 'tokens')).toEqual(['50', '1.5M']);
});

test('a quantity is in its own unit', () => {
  setLanguage('en');
  expect([quantity(4.5, 'percent'), quantity(4.5, 'USD')]).toEqual(['4.5%', '$4.50']);
});

test.each([
  ['2026-11-22T15:59:00Z', 'Asia/Shanghai', '2026-11-22'],
  ['2026-11-22T16:00:00Z', 'Asia/Shanghai', '2026-11-23'],
  ['2026-11-22T16:00:00Z', 'America/New_York', '2026-11-22'],
  ['2026-03-29T00:30:00Z', 'Europe/Berlin', '2026-03-29'],
])('%s in %s is of the day %s', (moment, zone, day) => expect(dayKey(moment, zone)).toBe(day));

test('a time zone that Intl does not know does not throw', () => {
  expect(dayKey('2026-11-22T12:00:00Z', 'Mars/Olympus')).toMatch(/^2026-11-2\d$/);
});

test.each([
  ['2026-03-01', -1, '2026-02-28'],
  ['2026-12-31', 1, '2027-01-01'],
  ['2024-02-28', 1, '2024-02-29'],
])('%s moved by %d days is %s', (day, by, result) => expect(shiftDay(day, by)).toBe(result));

test.each([
  ['2026-11-22', -11, '2025-12-01'],
  ['2026-03-31', -11, '2025-04-01'],
  ['2026-01-05', 0, '2026-01-01'],
])('the month of %s moved by %d begins on %s', (day, by, result) =>
  expect(firstOfMonth(day, by)).toBe(result),
);

// The same table as in crates/core/src/account.rs.
test.each([
  [' sk-kimi-abcdef123456 \n', 'kimi-code'],
  ['sk-abcdef1234567890', 'platform'],
  ['sk-ab', 'unknown'],
  ['sk-abc def ghi jkl', 'unknown'],
  ['eyJhbGciOi', 'unknown'],
  ['sk-kimi-äöü123456', 'unknown'],
  ['   ', 'empty'],
])('%j has the shape %s', (text, shape) => expect(keyShape(text)).toBe(shape));

test.each([
  [
    'en',
    [
      'Weekly quota reset early | 78.5% → 0% | ',
      'Emptied at once · 5-hour quota |  | Deducted 52.5 points, expected none',
      'Unexplained deduction · Monthly quota |  | Deducted 14 points, expected at most 1.5 points',
      'Given back · Monthly quota |  | ',
      'Top-up $50.00 |  | ',
      'Draining faster · Monthly quota |  | The same usage costs about 2.4–3.1 times as much as before',
      'Unexplained deduction · Balance ($) |  | Deducted $6.40, expected $1.10–$2.35',
      'Limit changed: Weekly quota | 2048 → 4096 | ',
      'Plan changed | Moderato → Allegretto | ',
      '5-hour quota reset on time | 61% → 2.5% | ',
    ],
  ],
] as const)(
  'findings in %s are named by what they are, and say their figures',
  (language, said) => {
    setLanguage(language);
    const titles = fixture
      .findings()
      .findings.map((one) =>
        [findingTitle(one), findingChange(one), findingFigures(one)].join(' | '),
      );
    expect(titles).toEqual(said);
  },
);

test('the text of a finding tells a level from a deduction, and a missing figure is left out', () => {
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
    '同样的用量，扣减约为以前的 2.4–3 倍',
  );
});

test.each([
  [1, 'certain'],
  [0.97, 'almost certain'],
  [0.9, 'very likely'],
  [0.7, 'likely'],
  [0.4, 'possible'],
])('a confidence of %d is %s', (confidence, said) => {
  setLanguage('en');
  expect(confidenceText(confidence)).toBe(said);
});

test.each([
  ['5h', '5-hour quota'],
  ['month-code', 'Kimi Code’s share of the monthly quota'],
  ['balance:CNY', 'Balance (¥)'],
  ['wallet:USD', 'Extra-usage wallet ($)'],
  ['fortnight', 'fortnight'],
  [null, 'Whole account'],
])('the series %s is called %s', (series, name) => {
  setLanguage('en');
  expect(seriesName(series)).toBe(name);
});

test.each([
  ['C', ['C'], 'en-US', ['en-US']],
  ['C', ['C', 'zh-CN'], 'zh-CN', ['zh-CN']],
  ['de-DE', ['de-DE', 'en'], 'de-DE', ['de-DE', 'en']],
])('a navigator that says %s, %j becomes %s', (language, languages, good, all) => {
  const navigator = { language, languages } as unknown as Navigator;
  guardNavigatorLanguage(navigator);
  expect(navigator.language).toBe(good);
  expect(navigator.languages).toEqual(all);
});

describe('the text of a forecast follows its probability', () => {
  const soon = { from: at(2 * H + 18 * MIN), to: at(3 * H + 42 * MIN) };
  const later = { from: at(43 * H), to: at(75 * H + 20 * MIN) };
  const far = { from: at(67 * H), to: at(11 * D + 3 * H) };
  const atOnce = { from: at(MIN), to: at(33 * MIN) };
  test.each([
    [0.999, null, 'Estimated to last until the reset', '预计能用到重置'],
    [0.949, null, 'Likely to last until the reset (about 90%)', '预计能用到重置（可能性约 90%）'],
    [0.83, null, 'Likely to last until the reset (about 80%)', '预计能用到重置（可能性约 80%）'],
    [0.5, null, 'About 50% likely to last until the reset', '预计用到重置的可能性约 50%'],
    [
      0.3,
      null,
      'Likely to run out before the reset (about 70%)',
      '预计会在重置前用完（可能性约 70%）',
    ],
    [
      0.3,
      soon,
      'Likely to run out 16:30 – 18:10 (about 70%)',
      '预计用完时间：16:30 – 18:10（可能性约 70%）',
    ],
    [
      0.04,
      later,
      'Estimated to run out Tue 09:00 – Wed 18:00',
      '预计用完时间：周二 09:00 – 周三 18:00',
    ],
    [0.04, far, 'Estimated to run out Nov 25 – Dec 3', '预计用完时间：11月25日 – 12月3日'],
    [0.05, atOnce, 'Estimated to run out 14:20 – 15:00', '预计用完时间：14:20 – 15:00'],
  ])('%d, %o', (lasts, empty, english, chinese) => {
    setLanguage('en');
    expect(forecastLine({ lasts, empty }, 'Asia/Shanghai', NOW)).toBe(english);
    setLanguage('zh-CN');
    expect(forecastLine({ lasts, empty }, 'Asia/Shanghai', NOW)).toBe(chinese);
  });
});

describe('the messages of an explanation are sentences in the language and time zone of the reader', () => {
  // One of each message with all its arguments, as the engine's own test sends them.
  const SENT =
    'tidemark_api__server__findings__tests__every_message_keeps_its_arguments_with_their_units.snap';
  const snapshot = readFileSync(join(root, 'crates/api/src/server/snapshots', SENT), 'utf8');
  const all = JSON.parse(snapshot.slice(snapshot.indexOf('\n[') + 1)) as MessageView[];
  const say = (message: MessageView): string =>
    sentence(message, 'Asia/Shanghai', '2026-11-22T06:20:00Z');

  test.each(LANGUAGES)(
    'every message has its text in the part of the catalogue that the window loads, in %s',
    (language) => {
      i18n.use(language, parsed(groupsOfWindow(catalogue(language))));
      expect(all.length).toBeGreaterThan(60);
      for (const message of all) {
        const text = say(message);
        // A missing variable is shown in braces, a missing message by its id.
        expect(text, message.id).not.toMatch(/[{}]|says-|the-series|undefined|^\s*$/);
        if (language === 'zh-CN') {
          const names = /“[^”]*”|Moderato|Pro|token|\d+月\d+日/g;
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
      '9月23日 10:00 至 9月23日 10:05，每周额度被扣减 7 个百分点。',
    ],
    [
      'lost-in-steps',
      'Between Sep 23, 10:00 and Sep 23, 10:05, the balance lost $1.50 in 4 small steps.',
      '9月23日 10:00 至 9月23日 10:05，余额分 4 小步被扣减 $1.50。',
    ],
    [
      'other-quota-allows',
      'In that time, the 5-hour quota moved by 2 points, which allows 0.4 points at most.',
      '在此期间，5 小时额度变动 2 个百分点，据此最多只应扣减 0.4 个百分点。',
    ],
    [
      'reset-overdue',
      'A reset of the weekly quota was scheduled for Sep 23, 10:00; 15 minutes later it was still at 40%.',
      '每周额度原定 9月23日 10:00 重置，15 分钟后仍显示已用 40%。',
    ],
    [
      'incident',
      'The status page has reported “Elevated 502s” since Sep 23, 10:00 (impact: major).',
      '状态页自 9月23日 10:00 起报告“Elevated 502s”（严重故障）。',
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
    expect(say(message)).toBe(english);
    setLanguage('zh-CN');
    expect(say(message)).toBe(chinese);
  });

  test('a time of another year shows its year', () => {
    setLanguage('zh-CN');
    const at = { kind: 'time', value: '2025-12-31T16:00:00Z' } as const;
    expect(say({ id: 'finding-of', args: { at } })).toBe('1月1日 00:00 的事件');
    const before = { ...at, value: '2025-12-31T15:59:00Z' };
    expect(say({ id: 'finding-of', args: { at: before } })).toBe('2025年12月31日 23:59 的事件');
  });
});

test('lists, clauses and days have the punctuation of their language', () => {
  const said = (): string[] => [
    labelValue('RPM', '100'),
    joinList(['a', 'b', 'c']),
    joinClauses(['a', 'b']),
    longDay(at(0), 'Asia/Shanghai', NOW),
    longDays(at(0), at(2 * D), 'Asia/Shanghai', NOW),
    longDays(at(-365 * D), at(-363 * D), 'Asia/Shanghai', NOW),
  ];
  setLanguage('en');
  expect(said()).toEqual([
    'RPM: 100',
    'a, b, c',
    'a, b',
    'Sunday, November 22',
    'November 22\u2009–\u200924',
    'November 22\u2009–\u200924, 2025',
  ]);
  setLanguage('zh-CN');
  expect(said()).toEqual([
    'RPM：100',
    'a、b、c',
    'a，b',
    '11月22日 星期日',
    '11月22日 – 11月24日',
    '2025年11月22日 – 2025年11月24日',
  ]);
});
