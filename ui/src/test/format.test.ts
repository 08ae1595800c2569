import { beforeEach, describe, expect, test } from 'vitest';
import { findingFigures, findingMove, findingTitle, sureness } from '../format/findings';
import { forecastLine } from '../format/forecast';
import { keyShape } from '../format/key-shape';
import { seriesName } from '../format/names';
import { axisValue, compact, exactMoney, money, percent, quantity } from '../format/number';
import {
  age,
  countdown,
  dayKey,
  firstOfMonth,
  nearMoment,
  shiftDay,
  soon,
  span,
} from '../format/time';
import { guardNavigatorLanguage } from '../navigator-language';
import * as fixture from '../../dev/fixture.mjs';
import type { Language } from '../state/words.svelte';
import { speak } from './show';

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
      [9 * MIN + 5 * S, '9 min 05 s'],
      [10 * MIN + 5 * S, '10 min'],
      [2 * H + 14 * MIN, '2 h 14 min'],
      [2 * H, '2 h'],
      [3 * D + 4 * H + 59 * MIN, '3 d 4 h'],
      [24 * D + 18 * H, '24 d'],
      [-5 * S, '0 s'],
    ],
    countdown: [
      [2 * H + 14 * MIN, 'resets in 2 h 14 min'],
      [0, 'reset is due'],
      [-H, 'reset is due'],
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
      [-1, 'now'],
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
      [9 * MIN + 5 * S, '9 分 05 秒'],
      [2 * H + 14 * MIN, '2 小时 14 分'],
      [3 * D + 4 * H, '3 天 4 小时'],
    ],
    countdown: [
      [2 * H + 14 * MIN, '2 小时 14 分后重置'],
      [0, '到点待重置'],
    ],
    age: [
      [30 * S, '刚刚'],
      [4 * MIN, '4 分前'],
      [3 * D, '3 天前'],
    ],
    soon: [
      [-1, '现在'],
      [3 * MIN, '3 分后'],
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
  beforeEach(() => speak(language));

  test.each(table.span)('a span of %d ms is %s', (ms, text) => expect(span(ms)).toBe(text));
  test.each(table.countdown)('a reset in %d ms: %s', (ms, text) =>
    expect(countdown(at(ms), NOW)).toBe(text),
  );
  test.each(table.age)('a value %d ms old: %s', (ms, text) => expect(age(at(-ms), NOW)).toBe(text));
  test.each(table.soon)('the next look in %d ms: %s', (ms, text) =>
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

describe('unknown is not nothing', () => {
  beforeEach(() => speak('en'));
  test('money', () => expect([money(null), exactMoney(null)]).toEqual(['–', 'unknown']));
  test('a quantity', () => expect(quantity(null, 'percent')).toBe('–'));
});

test('beside an axis every value has its unit', () => {
  speak('en');
  const said = (values: number[], unit: string): string[] =>
    values.map((value) => axisValue(value, unit));
  expect(said([0.5, 2.5, 200, 12_000], 'percent')).toEqual(['0.5%', '2.5%', '200%', '12K%']);
  expect(said([0.25, 5, 1500, 20_000], 'USD')).toEqual(['$0.25', '$5', '$1,500', '$20K']);
  expect(said([0.5, 1], 'CNY')).toEqual(['¥0.5', '¥1']);
  expect(said([50, 1_500_000], 'tokens')).toEqual(['50', '1.5M']);
});

test('a quantity is in its own unit', () => {
  speak('en');
  expect([quantity(4.5, 'percent'), quantity(4.5, 'USD')]).toEqual(['4.5%', '$4.50']);
});

test.each([
  ['2026-11-22T15:59:00Z', 'Asia/Shanghai', '2026-11-22'],
  ['2026-11-22T16:00:00Z', 'Asia/Shanghai', '2026-11-23'],
  ['2026-11-22T16:00:00Z', 'America/New_York', '2026-11-22'],
  ['2026-03-29T00:30:00Z', 'Europe/Berlin', '2026-03-29'],
])('%s in %s is of the day %s', (moment, zone, day) => expect(dayKey(moment, zone)).toBe(day));

test('a zone that Intl does not know stops nothing', () => {
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
      'Week: reset early | 78.5% → 0% | ',
      '5-hour window: Wiped out |  | 52.5 points went, nothing was to be expected',
      'Month: Unexplained |  | 14 points went, 1.5 points at most were to be expected',
      'Given back · Month |  | ',
      'Top-up $50.00 |  | ',
      'Month: Accelerated |  | The same use costs 2.4 to 3.1 times what it did',
      'Balance, USD: Unexplained |  | $6.40 went, $1.10 to $2.35 were to be expected',
      'Limit changed: Week | 2048 → 4096 | ',
      'Plan changed | Moderato → Allegretto | ',
      '5-hour window: reset on time | 61% → 2.5% | ',
    ],
  ],
] as const)(
  'findings in %s are named by what they are, and say their figures',
  (language, said) => {
    speak(language);
    const titles = fixture
      .findings()
      .findings.map((one) =>
        [findingTitle(one), findingMove(one), findingFigures(one)].join(' | '),
      );
    expect(titles).toEqual(said);
  },
);

test('figures that are levels or missing are said as such', () => {
  speak('en');
  const [base] = fixture.findings().findings;
  if (base === undefined) throw new Error('no finding');
  const figures = (given: Partial<typeof base>): string =>
    findingFigures({ ...base, kind: 'anomaly', ...given });
  expect(figures({ class: 'overdue-reset', observed: 88, expected: { low: 0, high: 3 } })).toBe(
    'It stands at 88% used',
  );
  expect(figures({ class: 'disagreement', observed: 40 })).toBe(
    'Kimi gives two figures that contradict each other; the larger is 40% used',
  );
  expect(figures({ class: 'unexplained', observed: 5 })).toBe('');
  expect(figures({ class: 'unexplained', observed: null })).toBe('');
  expect(figures({ class: 'unexplained', observed: 1, expected: { low: 0, high: 0 } })).toBe(
    '1 point went, nothing was to be expected',
  );
  speak('zh-CN');
  expect(figures({ class: 'accelerated', factor: { low: 2.44, high: 3 } })).toBe(
    '同样的用量，消耗是以前的 2.4 至 3 倍',
  );
});

test.each([
  [1, 'certain'],
  [0.97, 'almost certain'],
  [0.9, 'very likely'],
  [0.7, 'likely'],
  [0.4, 'possible'],
])('a confidence of %d is %s', (confidence, said) => {
  speak('en');
  expect(sureness(confidence)).toBe(said);
});

test.each([
  ['5h', '5-hour window'],
  ['month-code', 'Code’s part of the month'],
  ['balance:CNY', 'Balance, CNY'],
  ['wallet:USD', 'Wallet, USD'],
  ['fortnight', 'fortnight'],
  [null, 'Whole account'],
])('the series %s is called %s', (series, name) => {
  speak('en');
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

describe('a forecast is said as sure as it is', () => {
  const soon = { from: at(2 * H + 18 * MIN), to: at(3 * H + 42 * MIN) };
  const later = { from: at(43 * H), to: at(75 * H + 20 * MIN) };
  const far = { from: at(67 * H), to: at(11 * D + 3 * H) };
  const atOnce = { from: at(MIN), to: at(33 * MIN) };
  test.each([
    [0.999, null, 'Forecast: lasts until the reset', '预计：可用到重置'],
    [0.949, null, 'Forecast: likely to last (9 in 10)', '预计：很可能够用（约 9 成）'],
    [0.83, null, 'Forecast: likely to last (8 in 10)', '预计：很可能够用（约 8 成）'],
    [0.5, null, 'Forecast: as likely to last as not', '预计：能否用到重置，可能各半'],
    [
      0.3,
      null,
      'Forecast: likely to be empty before the reset (7 in 10)',
      '预计：很可能在重置前用完（约 7 成）',
    ],
    [
      0.3,
      soon,
      'Forecast: likely to be empty (7 in 10), at about 16:30 – 18:10',
      '预计：很可能用完（约 7 成），大约在 16:30 至 18:10',
    ],
    [
      0.04,
      later,
      'Forecast: empty at about Tue 09:00 – Wed 18:00',
      '预计：大约在 周二 09:00 至 周三 18:00 用完',
    ],
    [0.04, far, 'Forecast: empty at about Nov 25 – Dec 3', '预计：大约在 11月25日 至 12月3日 用完'],
    [0.05, atOnce, 'Forecast: empty at about 14:20 – 15:00', '预计：大约在 14:20 至 15:00 用完'],
  ])('%d, %o', (lasts, empty, english, chinese) => {
    speak('en');
    expect(forecastLine({ lasts, empty }, 'Asia/Shanghai', NOW)).toBe(english);
    speak('zh-CN');
    expect(forecastLine({ lasts, empty }, 'Asia/Shanghai', NOW)).toBe(chinese);
  });
});
