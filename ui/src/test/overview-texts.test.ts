// The overview's pure functions: pace and tone, need and order, the sentence, sums, bars, resets, columns.
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import type { AccountCard, Forecast, MeterView } from '../api/types';
import { anomalyAmount, byGravity } from '../format/anomaly';
import { columnSlots } from '../format/columns';
import { dayBars } from '../format/day-bars';
import { isOpen } from '../format/findings';
import { headline, headlineText, pieces } from '../format/headline';
import { foldEqual } from '../format/folded';
import { byNeed, needOf } from '../format/need';
import {
  cycleStart,
  elapsedShare,
  isCurrent,
  meterTone,
  wedge,
  wedgePolygon,
} from '../format/pace';
import { firstLanes, labelSides, placeOf, resetLine } from '../format/resets';
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
    expect(wedge(lasting(0.4), NOW, NOW + HOUR)).toEqual({ from: 0, to: 1, empty: 0.6 });
    expect(wedge(null, NOW, NOW + HOUR)).toBeNull();
    // The likelier it is empty, the higher: its top is nearer to 0%.
    expect(wedgePolygon({ from: 0.25, to: 0.75, empty: 0.8 })).toBe(
      'polygon(25.00% 100%, 75.00% 20.0%, 100% 20.0%, 100% 100%)',
    );
  });
});

describe('need', () => {
  const odd = (name: string, given: Partial<AccountCard> = {}): AccountCard =>
    account(name, {
      anomalies: { ...account('').anomalies, count: 1, id: 3, class: 'unexplained' },
      ...given,
    });
  const scarcely = (lasts: number): AccountCard =>
    account(`low${lasts * 100}`, { meters: [quota({ forecast: lasting(lasts) })] });
  const scarce = lasting(0.1, { from: iso(NOW + HOUR), to: iso(NOW + 2 * HOUR) });
  const cards = {
    calm: account('calm', { meters: [quota({ forecast: lasting(0.9) })] }),
    anomaly: odd('odd'),
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
    [[cards.debt], 'Your account needs you. owing owes ¥0.42, so its requests are refused.'],
    [
      [cards['no-balance']],
      'Your account needs you. empty has no balance left, so its requests are refused.',
    ],
    [
      [cards.refused, cards.calm],
      '1 of 2 accounts needs you. Kimi does not accept the key of refused. The other account is likely to last until its resets.',
    ],
    [[cards.debt, cards.refused], '2 of 2 accounts need you. owing and refused cannot be used.'],
    [
      [cards.debt, cards.refused, cards.key, cards['no-balance']],
      '4 of 4 accounts need you. 4 accounts cannot be used.',
    ],
    [[cards['used-up']], 'Your account needs you. spent: 5-hour quota used up until 17:47.'],
    [
      [cards['runs-out'], cards.anomaly, cards.calm],
      '1 of 3 accounts runs low. scarce: 5-hour quota likely to run out before its reset (about 90%). The other 2 are likely to last until their resets.',
    ],
    // As sure as the card.
    [
      [scarcely(0.02)],
      'A quota runs low. low2: 5-hour quota almost certain to run out before its reset (over 90%).',
    ],
    [
      [scarcely(0.4)],
      'A quota runs low. low40: 5-hour quota more likely than not to run out before its reset (about 60%).',
    ],
    // Of several, as sure as of the least sure one.
    [
      [scarcely(0.4), scarcely(0.02)],
      '2 of 2 accounts run low. low40 and low2 are more likely than not to run out of quota before a reset.',
    ],
    [
      [account('x', { meters: [quota({ forecast: lasting(0.6) })] })],
      'All is fine. All quotas are more likely than not to last until their resets.',
    ],
    [[cards.near], 'A quota runs low. near: 5-hour quota 80% used.'],
    // An open anomaly is not "fine", whatever the quotas say.
    [[cards.anomaly], 'Your account has an open anomaly. No quota is near its limit.'],
    [
      [cards.anomaly, cards.calm, cards.unknown],
      '1 of 3 accounts has an open anomaly. No current figures of gone. The other 2 are likely to last until their resets.',
    ],
    [
      [cards.anomaly, odd('hub')],
      '2 of 2 accounts have open anomalies. No quota is near its limit.',
    ],
    // Nothing is said to work whose state is not known.
    [
      [cards.near, cards.unknown],
      '1 of 2 accounts runs low. near: 5-hour quota 80% used. No current figures of gone.',
    ],
    [
      [odd('gone', { state: 'unreachable' }), cards.calm],
      '1 of 2 accounts has an open anomaly. No current figures of gone. The other account is likely to last until its resets.',
    ],
    [[cards.unknown], 'No current figures. No current figures of gone.'],
    [
      [cards.unknown, cards.calm],
      'Fine as far as is known; 1 of 2 accounts has no current figures. No current figures of gone. The other account is likely to last until its resets.',
    ],
    [[cards.calm], 'All is fine. All quotas are likely to last until their resets.'],
    // Without a forecast it promises nothing.
    [[account('x', { meters: [quota({})] })], 'All is fine. No quota is near its limit.'],
  ])('the head says %#', (list, text) => {
    expect(say(...list)).toBe(text);
  });

  test('the head says so in Chinese, without spaces between sentences', () => {
    setLanguage('zh-CN');
    expect(say(cards.debt, cards.near)).toBe(
      '2 个账号中有 1 个需要处理。owing 欠费 ¥0.42，请求会被拒绝。near 的 5 小时额度已用 80%。',
    );
    expect(say(cards.anomaly, cards.calm)).toMatch(/^2 个账号中有 1 个有待处理的异常。/);
    expect(say(cards.anomaly)).toMatch(/^账号有待处理的异常。/);
    expect(say(cards.near, cards.calm)).toMatch(/^2 个账号中有 1 个余量不多。/);
  });

  test('without the agent nothing is said of now', () => {
    expect(headline([cards.calm], ZONE, NOW, true)).toEqual({
      verdict: { tone: 'over', text: 'These figures are not current.' },
      clauses: [],
      names: [],
    });
  });

  test('a long name is shortened in the head', () => {
    const long = account('A very long name of an account of somebody', { state: 'refused' });
    expect(say(long)).toBe(
      'Your account needs you. Kimi does not accept the key of A very long name of an acco….',
    );
  });

  test('each line leads to the accounts that it is about', () => {
    const { clauses } = headline([cards.calm, cards.debt, cards.refused, cards.near], ZONE, NOW);
    expect(clauses.map(({ ids }) => ids)).toEqual([
      [cards.debt.id, cards.refused.id],
      [cards.near.id],
      [],
    ]);
  });

  test('names and quotas stay together', () => {
    const { clauses, names } = headline([cards.near], ZONE, NOW);
    const cut = pieces(clauses[0]?.text ?? '', names);
    expect(cut).toEqual([
      { text: 'near', whole: true },
      { text: ': ', whole: false },
      { text: '5-hour quota', whole: true },
      { text: ' 80% used.', whole: false },
    ]);
    // One name may be a part of another, and a text may have none.
    expect(pieces('old plan, plan', ['plan', 'old plan']).map(({ text }) => text)).toEqual([
      'old plan',
      ', ',
      'plan',
    ]);
    expect(pieces('nothing', ['']).length).toBe(1);
  });

  test('failures that more than two accounts have are one card, in the place of the first', () => {
    const failing = (id: number, kind: string): AccountCard =>
      fixture.card({
        id,
        name: `a${id}`,
        state: 'refused',
        failure: {
          kind,
          message: '',
          cause: null,
          status: 401,
          since: iso(NOW),
          denied: null,
          meter: null,
          retry_at: null,
          keyring: null,
          reason: null,
        },
      });
    const list = [
      account('calm', { id: 9 }),
      failing(1, 'unauthorized'),
      failing(2, 'membership-lapsed'),
      failing(3, 'unauthorized'),
      failing(4, 'unauthorized'),
      failing(5, 'membership-lapsed'),
    ];
    expect(foldEqual(list).map(({ cards }) => cards.map(({ id }) => id))).toEqual([
      [9],
      [1, 3, 4],
      [2],
      [5],
    ]);
    // What passes by itself is not folded: its account has figures.
    const limited = list.map((one) => ({ ...one, state: 'limited' as const }));
    expect(foldEqual(limited)).toHaveLength(6);
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
  const reset = (meter: string, hours: number, given: Partial<MeterView> = {}): MeterView =>
    quota({ meter, resets_at: iso(NOW + hours * HOUR), ...given });

  test('without the agent no reset is in the tone of figures that may be others by now', () => {
    const used = account('used', {
      meters: [quota({ used_percent: 100, resets_at: iso(NOW + HOUR) })],
    });
    const tones = (lost: boolean) =>
      resetLine([used], NOW, lost)?.lanes.map(({ tone, marks }) => [tone, marks[0]?.tone]);
    expect(tones(false)).toEqual([['over', 'over']]);
    expect(tones(true)).toEqual([['calm', 'calm']]);
  });

  test('are on one line of time, an account a lane, the next first', () => {
    const line = resetLine(fixture.cards(), NOW);
    expect(
      line?.lanes.map(({ card, marks }) => [card.id, marks.map(({ meter }) => meter.meter)]),
    ).toEqual([
      [2, ['5h', 'week']],
      [5, ['5h']],
      [1, ['5h', 'month']],
      [6, ['month']],
    ]);
    const places = line?.lanes.flatMap(({ marks }) => marks.map(({ place }) => place)) ?? [];
    expect(Math.max(...places)).toBe(1);
    for (const { marks } of line?.lanes ?? []) {
      const own = marks.map(({ place }) => place);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    expect(resetLine([], NOW)).toBeNull();
  });

  test('near times have more room than far ones, and lengths below the line stand apart', () => {
    const line = resetLine([account('x', { meters: [reset('month', 700)] })], NOW);
    expect(line?.ticks.map(({ hours }) => hours)).toEqual([1, 3, 6, 12, 24, 72, 168, 336]);
    const places = line?.ticks.map(({ place }) => place) ?? [];
    places
      .slice(1)
      .forEach((place, index) => expect(place - (places[index] ?? 0)).toBeGreaterThan(0.08));
    const end = NOW + 30 * DAY;
    expect(placeOf(NOW, NOW, end)).toBe(0);
    expect(placeOf(end, NOW, end)).toBe(1);
    expect(placeOf(NOW + 5 * HOUR, NOW, end)).toBeGreaterThan(0.2);
  });

  test('every quota that is likely to run out has a wedge, also where its time is not known', () => {
    const empty = { from: iso(NOW + 20 * HOUR), to: iso(NOW + 40 * HOUR) };
    const meters = [
      reset('5h', 2, { forecast: lasting(0.9) }),
      reset('week', 48, { forecast: lasting(0.3) }),
      reset('month', 480, { forecast: lasting(0.1, empty) }),
    ];
    const wedges = resetLine([account('x', { meters })], NOW)?.lanes[0]?.marks ?? [];
    expect(wedges[0]?.wedge).toBeNull();
    expect(wedges[1]?.wedge).toMatchObject({ from: 0, to: wedges[1]?.place, empty: 0.7 });
    expect(wedges[2]?.wedge?.from).toBeGreaterThan(0.3);
    expect(wedges[2]?.wedge?.to).toBeLessThan(1);
    // Without the agent a forecast is of another time; the resets are known all the same.
    const then = resetLine([account('x', { meters })], NOW, true)?.lanes[0]?.marks ?? [];
    expect(then.map(({ wedge: one, tone }) => [one, tone])).toEqual([
      [null, 'calm'],
      [null, 'calm'],
      [null, 'calm'],
    ]);
  });

  test('a label stands beside its mark where no other mark or label is', () => {
    const marks =
      resetLine(
        [account('x', { meters: [reset('5h', 1), reset('week', 24), reset('month', 480)] })],
        NOW,
      )?.lanes[0]?.marks ?? [];
    const sides = (width: number) => labelSides(marks, () => width).map((one) => one?.side ?? null);
    expect(sides(0.1)).toEqual(['right', 'right', 'left']);
    // Too wide for the first two: the text of the lane names them.
    expect(sides(0.4)).toEqual([null, 'right', null]);
    expect(sides(1)).toEqual([null, null, null]);
  });

  test('a label covers no wedge, also not that of its own mark', () => {
    const soon = lasting(0.2, { from: iso(NOW + 6 * HOUR), to: iso(NOW + 12 * HOUR) });
    const meters = [
      reset('5h', 1),
      reset('week', 24, { forecast: soon }),
      reset('month', 480, {
        forecast: lasting(0.2, { from: iso(NOW + 30 * HOUR), to: iso(NOW + 40 * HOUR) }),
      }),
    ];
    const marks = resetLine([account('x', { meters })], NOW)?.lanes[0]?.marks ?? [];
    const label = (width: number) => labelSides(marks, () => width);
    expect(marks.map(({ wedge: one }) => one === null)).toEqual([true, false, false]);
    // To the right of the day's mark the month's wedge begins; to its left is its own.
    expect(label(0.1).map((one) => one?.side ?? null)).toEqual(['right', null, null]);
    expect(label(0.02).map((one) => one?.side ?? null)).toEqual(['right', 'right', null]);
  });

  test('of many lanes those in trouble are kept', () => {
    const cards = Array.from({ length: 20 }, (_, index) =>
      account('x'.repeat(index + 1), {
        meters: [reset('5h', index + 1, { used_percent: index === 15 ? 95 : 10 })],
      }),
    );
    const line = resetLine(cards, NOW);
    expect(firstLanes(line?.lanes ?? [], 3).map(({ card }) => card.id)).toEqual([1, 2, 16]);
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

test('the gravest anomaly is the severest, then the one that took most, whenever it was', () => {
  const open = fixture.findings().findings.filter(isOpen);
  expect(byGravity(open).map(({ id }) => id)).toEqual([10, 8]);
  const [, small] = byGravity(open);
  if (small === undefined) throw new Error('two are open');
  const more = { ...small, id: 99, unit: 'CNY', beyond: { low: 98, high: 98.2 } };
  expect(byGravity([small, more]).map(({ id }) => id)).toEqual([99, 8]);
});

test.each([
  [null, { order: 'need', dense: null, days: 30, hidden: [] }],
  [
    '{"order":"own","dense":true,"days":7,"hidden":["3"]}',
    { order: 'own', dense: true, days: 7, hidden: ['3'] },
  ],
  [
    '{"order":5,"dense":"yes","days":9,"hidden":[4,"d1"]}',
    { order: 'need', dense: null, days: 30, hidden: ['d1'] },
  ],
  ['[', { order: 'need', dense: null, days: 30, hidden: [] }],
  ['null', { order: 'need', dense: null, days: 30, hidden: [] }],
])('stored choices such as %j are read as far as they are understood', (stored, choices) => {
  expect(parseChoices(stored)).toEqual(choices);
});
