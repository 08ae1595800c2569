import { beforeEach, describe, expect, test } from 'vitest';
import { cleanKey, isVariableName, keyShape } from '../format/key-shape';
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
import { joinClauses, joinList, labelValue, type Language } from '../state/i18n.svelte';
import { setLanguage } from './render';

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
      [2616, '2,616'],
      [26_611_000, '2661.1万'],
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
  const labels = (values: number[], unit: string): string[] =>
    values.map((value) => axisValue(value, unit));
  expect(labels([0.5, 2.5, 200, 12_000], 'percent')).toEqual(['0.5%', '2.5%', '200%', '12K%']);
  expect(labels([0.25, 5, 1500, 20_000], 'USD')).toEqual(['$0.25', '$5', '$1,500', '$20K']);
  expect(labels([0.5, 1], 'CNY')).toEqual(['¥0.5', '¥1']);
  expect(labels([50, 1_500_000], 'tokens')).toEqual(['50', '1.5M']);
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
  ['sk-abc def ghi jkl', 'several-words'],
  ['eyJhbGciOi', 'unknown'],
  ['KEY="sk-kimi-abcdef123456"', 'kimi-code'],
  ['Bearer sk-abcdef1234567890', 'platform'],
  ['sk-kimi-äöü123456', 'odd-character'],
  ['sk-kimi-abc\u200bdef123456', 'odd-character'],
  ['   ', 'empty'],
])('%j has the shape %s', (text, shape) => expect(keyShape(text)).toBe(shape));

// The same tables as in crates/core/src/pasted_key.rs.
test.each([
  '<sk-kimi-q1>',
  '"sk-kimi-q1", ',
  ' sk-kimi-q1\r\n',
  '\ufeff "sk-kimi-q1"\n',
  '“sk-kimi-q1”',
  'Bearer Bearer sk-kimi-q1',
  '"Authorization: Bearer sk-kimi-q1"',
  'KIMI_API_KEY = "sk-kimi-q1"',
  "export KIMI_API_KEY='sk-kimi-q1'",
  '$env:KIMI_API_KEY = "sk-kimi-q1"',
  '\u00a0\u3000sk-kimi-q1\u2003',
])('%j is freed of what comes along', (pasted) => expect(cleanKey(pasted)).toBe('sk-kimi-q1'));

test.each(['YWJjZA==', 'YWJjZGU=', 'BearerOfNews', 'sk-x=y', '"half'])('%j stays', (key) =>
  expect(cleanKey(key)).toBe(key),
);

test.each([
  ['KIMI_API_KEY', true],
  ['SK_KIMI_KEY', true],
  ['KIMI_KEY_OF_MY_OTHER_ACCOUNT_2026', true],
  ['', false],
  ['A-B', false],
  ['sk-kimi-abcdef1234567890', false],
  ['sk_live_0123456789abcdef0123', false],
  ['eyJhbGciOiJIUzI1NiJ9', false],
  ['kimi_0123456789abcdef0123456789abcdef', false],
])('%j names a variable: %s', (text, is) => expect(isVariableName(text)).toBe(is));

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

test('lists, clauses and days have the punctuation of their language', () => {
  const texts = (): string[] => [
    labelValue('RPM', '100'),
    joinList(['a', 'b', 'c']),
    joinClauses(['a', 'b']),
    longDay(at(0), 'Asia/Shanghai', NOW),
    longDays(at(0), at(2 * D), 'Asia/Shanghai', NOW),
    longDays(at(-365 * D), at(-363 * D), 'Asia/Shanghai', NOW),
  ];
  setLanguage('en');
  expect(texts()).toEqual([
    'RPM: 100',
    'a, b, c',
    'a, b',
    'Sunday, November 22',
    'November 22\u2009–\u200924',
    'November 22\u2009–\u200924, 2025',
  ]);
  setLanguage('zh-CN');
  expect(texts()).toEqual([
    'RPM：100',
    'a、b、c',
    'a，b',
    '11月22日 星期日',
    '11月22日 – 11月24日',
    '2025年11月22日 – 2025年11月24日',
  ]);
});
