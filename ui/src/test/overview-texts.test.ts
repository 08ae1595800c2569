// The overview's pure functions: pace and tone, need and order, the sentence, sums, bars, resets, columns.
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import type { AccountCard, Forecast, MeterView } from '../api/types';
import { anomalyAmount } from '../format/anomaly';
import { columnSlots } from '../format/columns';
import { dayBars } from '../format/day-bars';
import { headline, headlineText } from '../format/headline';
import { byNeed, needOf } from '../format/need';
import {
  cycleStart,
  elapsedShare,
  isCurrent,
  meterTone,
  wedge,
  wedgePolygon,
} from '../format/pace';
import { firstLines, resetPanels } from '../format/resets';
import { spendOf, spentMoney, sumMoney } from '../format/spend';
import { parseChoices } from '../state/view.svelte';
import { setLanguage } from './render';

const { NOW, iso } = fixture;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ZONE = 'Asia/Shanghai';

beforeEach(() => setLanguage('en'));

const lasting = (lasts: number, empty: Forecast['empty'] = null): Forecast => ({ lasts, empty });
const quota = (given: Partial<MeterView>): MeterView =>
  fixture.meter({ meter: '5h', used_percent: 10, ...given });
const account = (name: string, given: Partial<AccountCard> = {}): AccountCard =>
  fixture.card({ id: name.length, name, ...given });
const balance = (available: string, debt: string | null = null) => ({
  available: { amount: available, currency: 'CNY' },
  cash: null,
  voucher: null,
  debt: debt === null ? null : { amount: debt, currency: 'CNY' },
  spent_today: { amount: '0.1', currency: 'CNY' },
  spent_month: { amount: '0.2', currency: 'CNY' },
});

describe('pace', () => {
  test.each([
    ['5h', '2026-11-22T10:00:00Z', '2026-11-22T05:00:00Z'],
    ['week', '2026-11-22T10:00:00Z', '2026-11-15T10:00:00Z'],
    ['month', '2026-11-22T10:00:00Z', '2026-10-22T10:00:00Z'],
    // February has no 30th.
    ['month', '2026-03-30T10:00:00Z', '2026-02-28T10:00:00Z'],
    ['month-code', '2026-01-05T00:00:00Z', '2025-12-05T00:00:00Z'],
  ])('a cycle of %s that ends at %s begins at %s', (meter, end, start) => {
    expect(new Date(cycleStart(meter, Date.parse(end)) ?? 0).toISOString()).toBe(
      new Date(start).toISOString(),
    );
  });

  test.each([
    [quota({ resets_at: iso(NOW + 3 * HOUR) }), 0.4],
    // A cycle that has not begun.
    [quota({ resets_at: iso(NOW + 6 * HOUR) }), 0],
    [quota({ resets_at: iso(NOW - 1) }), null],
    [quota({ resets_at: null }), null],
    [quota({ meter: 'unheard-of', resets_at: iso(NOW + HOUR) }), null],
  ])('the share of time that has passed is known where its end and length are', (meter, share) => {
    expect(elapsedShare(meter, NOW)).toEqual(share);
  });

  test('a share of a quota that has been reset since is not of now', () => {
    expect(isCurrent(quota({ resets_at: iso(NOW + 1) }), NOW)).toBe(true);
    expect(isCurrent(quota({ resets_at: iso(NOW) }), NOW)).toBe(false);
    expect(isCurrent(quota({ was_reset: true }), NOW)).toBe(false);
    expect(isCurrent(quota({ resets_at: null }), NOW)).toBe(true);
  });

  test.each([
    [35, null, 'calm'],
    [35, 0.96, 'calm'],
    // Likely empty, whatever is used so far.
    [35, 0.12, 'near'],
    [79, null, 'near'],
    [79, 0.5, 'near'],
    [79, 0.97, 'calm'],
    [92, 0.97, 'near'],
    [92, 0.6, 'over'],
    [92, null, 'over'],
    [100, 0.99, 'over'],
  ])('%d%% used with a forecast of %s is %s', (used, lasts, tone) => {
    expect(meterTone(used, lasts === null ? null : lasting(lasts))).toBe(tone);
  });

  test('a forecast is a wedge from when it may be empty to the reset', () => {
    const empty = { from: iso(NOW + HOUR), to: iso(NOW + 3 * HOUR) };
    expect(wedge(lasting(0.2, empty), NOW, NOW + 4 * HOUR)).toEqual({
      from: 0.25,
      to: 0.75,
      empty: 0.8,
    });
    expect(wedge(lasting(0.8), NOW, NOW + HOUR)).toBeNull();
    expect(wedge(null, NOW, NOW + HOUR)).toBeNull();
    // The likelier it is empty, the higher: its top is nearer to 0%.
    expect(wedgePolygon({ from: 0.25, to: 0.75, empty: 0.8 })).toBe(
      'polygon(25.00% 100%, 75.00% 20.0%, 100% 20.0%, 100% 100%)',
    );
  });
});

describe('need', () => {
  const scarce = lasting(0.1, { from: iso(NOW + HOUR), to: iso(NOW + 2 * HOUR) });
  const cards = {
    calm: account('calm', { meters: [quota({ forecast: lasting(0.9) })] }),
    anomaly: account('odd', {
      anomalies: { ...account('').anomalies, count: 1, id: 3, class: 'unexplained' },
    }),
    near: account('near', { meters: [quota({ used_percent: 80 })] }),
    'runs-out': account('scarce', { meters: [quota({ forecast: scarce })] }),
    'used-up': account('spent', { meters: [quota({ used_percent: 101 })] }),
    key: account('locked', { state: 'key-unavailable' }),
    refused: account('refused', { state: 'refused' }),
    'no-balance': account('empty', { balance: balance('0.00') }),
    debt: account('owing', { balance: balance('0.00', '0.42') }),
    unknown: account('gone', { state: 'unreachable' }),
  };

  test.each(Object.entries(cards))('%s is recognised', (kind, card) => {
    expect(needOf(card, NOW).kind).toBe(kind);
  });

  test('accounts are in the order of their need', () => {
    expect(byNeed(Object.values(cards), NOW).map((card) => needOf(card, NOW).kind)).toEqual([
      'debt',
      'no-balance',
      'refused',
      'key',
      'used-up',
      'runs-out',
      'near',
      'anomaly',
      'unknown',
      'calm',
    ]);
  });

  test('a quota that was reset since it was read says nothing of now', () => {
    const full = quota({ used_percent: 100, was_reset: true });
    expect(needOf(account('x', { meters: [full] }), NOW).kind).toBe('calm');
  });

  test('a debt that a voucher still covers stops nothing', () => {
    expect(needOf(account('x', { balance: balance('12.00', '4.37') }), NOW).kind).toBe('calm');
  });

  const say = (...list: AccountCard[]): string => headlineText(headline(list, ZONE, NOW));
  test.each([
    [[cards.debt], 'owing owes ¥0.42, so its requests are refused.'],
    [[cards['no-balance']], 'empty has no balance left, so its requests are refused.'],
    [
      [cards.refused, cards.calm],
      'Kimi does not accept the key of refused. The other account is likely to last until its resets.',
    ],
    [[cards.debt, cards.refused], 'owing and refused cannot be used.'],
    [[cards.debt, cards.refused, cards.key, cards['no-balance']], '4 accounts cannot be used.'],
    [[cards['used-up']], 'spent: 5-hour quota used up until 17:47.'],
    [
      [cards['runs-out'], cards.anomaly, cards.calm],
      'scarce: 5-hour quota likely to run out before its reset (about 90%). The other 2 are likely to last until their resets.',
    ],
    [[cards.near], 'near: 5-hour quota 80% used.'],
    [[cards.unknown], 'No current figures of gone.'],
    [[cards.calm], 'All quotas are likely to last until their resets.'],
    // Without a forecast it promises nothing.
    [[account('x', { meters: [quota({})] })], 'No quota is near its limit.'],
  ])('the head says %#', (list, text) => {
    expect(say(...list)).toBe(text);
  });

  test('the head says so in Chinese, without spaces between sentences', () => {
    setLanguage('zh-CN');
    expect(say(cards.debt, cards.near)).toBe(
      'owing 欠费 ¥0.42，请求会被拒绝。near 的5 小时额度已用 80%。',
    );
  });

  test('without the agent nothing is said of now', () => {
    expect(headline([cards.calm], ZONE, NOW, true)).toEqual([
      {
        tone: 'over',
        text: 'These figures are not current.',
      },
    ]);
  });

  test('a long name is shortened in the head', () => {
    const long = account('A very long name of an account of somebody', { state: 'refused' });
    expect(say(long)).toBe('Kimi does not accept the key of A very long name of an acco….');
  });
});

describe('sums', () => {
  test('currencies are never added up', () => {
    expect(
      sumMoney([
        { amount: '0.1', currency: 'USD' },
        { amount: '0.2', currency: 'USD' },
        null,
        { amount: '5', currency: 'CNY' },
      ]),
    ).toEqual([
      { amount: '5', currency: 'CNY' },
      { amount: '0.3', currency: 'USD' },
    ]);
  });

  test('what no account knows is unknown, not zero', () => {
    expect(spentMoney([account('x')])).toEqual([[], []]);
  });

  test('today is the day’s bucket, and worth without a price is missing', () => {
    const usage = fixture.usage('day', '2026-11-01', '2026-11-23');
    const spend = spendOf(usage, '2026-11-22');
    expect(spend.tokens).toEqual([usage.used.at(-1)?.total, usage.totals.total]);
    const unpriced = { ...usage, totals: { ...usage.totals, worth: null, unpriced_tokens: 5 } };
    expect(spendOf(unpriced, '2026-11-22').worth[1]).toBeNull();
    expect(spendOf(unpriced, '2026-11-22').least[1]).toBe(true);
    expect(spendOf(usage, '2027-01-01').tokens[0]).toBe(0);
  });
});

describe('bars of days', () => {
  const history = fixture.history('day', '2026-10-24', '2026-11-23', null);

  test('show the quota that tells most, and as many days as asked for', () => {
    expect(dayBars(history, 1, 30)?.series).toBe('month');
    expect(dayBars(history, 2, 7)?.series).toBe('week');
    expect(dayBars(history, 2, 7)?.bars).toHaveLength(7);
    expect(dayBars(history, 3, 30)).toMatchObject({ series: 'balance:USD', unit: 'USD' });
    expect(dayBars(history, 99, 30)).toBeNull();
  });

  test('a day without data has no value, which is not zero', () => {
    const values = dayBars(history, 1, 30)?.bars.map(({ value }) => value) ?? [];
    expect(values).toContain(null);
    expect(values).toContain(0);
  });
});

describe('resets', () => {
  test('are in a panel of the next 24 hours and one of later days, the next first', () => {
    const [day, later] = resetPanels(fixture.cards(), ZONE, NOW);
    expect(day?.lines.map(({ card, meter }) => [card.id, meter.meter])).toEqual([
      [2, '5h'],
      [5, '5h'],
      [1, '5h'],
    ]);
    expect(later?.lines.map(({ card, meter }) => [card.id, meter.meter])).toEqual([
      [2, 'week'],
      [6, 'month'],
      [1, 'month'],
    ]);
    // 14:20 in Shanghai: midnight, 6:00 and noon; 18:00 is too near for a label of its own.
    expect(day?.ticks.map(({ at }) => new Date(at).toISOString().slice(11, 16))).toEqual([
      '16:00',
      '22:00',
      '04:00',
    ]);
    for (const panel of [day, later]) {
      const places = panel?.lines.map(({ place }) => place) ?? [];
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(Math.max(...places)).toBeLessThanOrEqual(1);
    }
  });

  test('days begin at midnight in the zone, also across daylight saving', () => {
    const now = Date.parse('2026-10-23T12:00:00Z');
    const meter = quota({ meter: 'week', resets_at: iso(now + 6 * DAY) });
    const [panel] = resetPanels([account('x', { meters: [meter] })], 'Europe/Berlin', now);
    // Summer time ends on the 25th.
    expect(panel?.ticks.map(({ at }) => new Date(at).toISOString().slice(5, 16))).toEqual([
      '10-24T22:00',
      '10-25T23:00',
      '10-26T23:00',
      '10-27T23:00',
      '10-28T23:00',
      '10-29T23:00',
    ]);
  });

  test('of many lines those in trouble are kept', () => {
    const cards = Array.from({ length: 20 }, (_, index) =>
      account('x'.repeat(index + 1), {
        meters: [
          quota({ used_percent: index === 15 ? 95 : 10, resets_at: iso(NOW + (index + 1) * HOUR) }),
        ],
      }),
    );
    const [panel] = resetPanels(cards, ZONE, NOW);
    expect(firstLines(panel?.lines ?? [], 3).map(({ card }) => card.id)).toEqual([1, 2, 16]);
  });
});

test('each card goes below the column that is shortest', () => {
  expect(columnSlots([100, 50, 60, 20], 2, 10)).toEqual({
    slots: [
      { column: 0, top: 0 },
      { column: 1, top: 0 },
      { column: 1, top: 60 },
      { column: 0, top: 110 },
    ],
    height: 130,
  });
  expect(columnSlots([], 3, 10)).toEqual({ slots: [], height: 0 });
});

test('the amount of an anomaly is what was beyond the expected', () => {
  const { findings } = fixture.findings();
  const one = findings.find(({ kind }) => kind === 'anomaly');
  expect(one).toBeDefined();
  if (one === undefined) return;
  const given = { ...one, class: 'unexplained', unit: 'percent', beyond: { low: 7, high: 7 } };
  expect(anomalyAmount(given)).toBe('−7 points');
  expect(anomalyAmount({ ...given, unit: 'CNY' })).toBe('−¥7.00');
  expect(anomalyAmount({ ...given, beyond: { low: 22.8, high: 25.3 } })).toBe('23–25 points more');
  expect(anomalyAmount({ ...given, beyond: null })).toBe('');
  expect(anomalyAmount(undefined)).toBe('');
});

test.each([
  [null, { order: 'need', dense: false, days: 30, hidden: [] }],
  [
    '{"order":"own","dense":true,"days":7,"hidden":["3"]}',
    { order: 'own', dense: true, days: 7, hidden: ['3'] },
  ],
  [
    '{"order":5,"dense":"yes","days":9,"hidden":[4,"d1"]}',
    { order: 'need', dense: false, days: 30, hidden: ['d1'] },
  ],
  ['[', { order: 'need', dense: false, days: 30, hidden: [] }],
  ['null', { order: 'need', dense: false, days: 30, hidden: [] }],
])('stored choices such as %j are read as far as they are understood', (stored, choices) => {
  expect(parseChoices(stored)).toEqual(choices);
});
