// The made-up answers agree with each other: whoever looks at two pages of them sees one story.
import { describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import type { History, SeriesView } from '../api/types';

const MONTH = ['2026-11-01', '2026-11-23'] as const;
const history = fixture.history('day', '2026-09-01', '2026-11-23', null);
const cards = fixture.cards();
const sum = (values: (number | null | undefined)[]): number =>
  values.reduce<number>((all, one) => all + (one ?? 0), 0);
const since = (series: SeriesView, day: string, of: History = history): SeriesView['points'] =>
  series.points.filter((_, index) => (of.buckets[index]?.key ?? '') >= day);
const find = (account: number, series: string): SeriesView => {
  const one = history.series.find((each) => each.account_id === account && each.series === series);
  if (one === undefined) throw new Error(`${account} has no ${series}`);
  return one;
};

describe('a card and its history', () => {
  test('a quota ends where the card says, in history, level and cycles', () => {
    for (const card of cards) {
      for (const { meter, used_percent } of card.meters) {
        expect(find(card.id, meter).points.at(-1)?.last, `${card.name} ${meter}`).toBeCloseTo(
          used_percent,
          1,
        );
        const levels = fixture.levels(card.id, meter, '2026-11-01', '2026-11-23');
        expect(levels.value.at(-1)).toBe(used_percent);
        const cycle = fixture.cycles(card.id, meter, '2026-11-01', '2026-11-23').cycles.at(-1);
        expect(cycle?.peak).toBe(used_percent);
      }
    }
  });

  test('a month’s cycle took what is used, but for what was given back', () => {
    const month = find(1, 'month');
    const cycle = since(month, '2026-11-16');
    const back = sum(since(month, '2026-11-17').map(({ returned }) => returned));
    expect(sum(cycle.map(({ deducted }) => deducted)) - back).toBeCloseTo(78.77, 1);
  });

  test('Kimi Code’s share is never more than the whole', () => {
    const whole = find(1, 'month').points;
    for (const [index, point] of find(1, 'month-code').points.entries()) {
      expect(point.deducted ?? 0).toBeLessThanOrEqual(whole[index]?.deducted ?? 0);
    }
  });

  test('balances and wallets took what the card says of today and the month', () => {
    for (const { id, balance, wallet } of cards) {
      const money = history.series.find(
        (one) => one.account_id === id && one.series.startsWith('balance'),
      );
      if (balance?.spent_month && money) {
        const days = since(money, MONTH[0]).map(({ deducted }) => deducted);
        expect(sum(days)).toBeCloseTo(Number(balance.spent_month.amount), 1);
        if (balance.spent_today) {
          expect(days.at(-1)).toBeCloseTo(Number(balance.spent_today.amount), 1);
        }
        expect(money.points.at(-1)?.last).toBeCloseTo(Number(balance.available?.amount), 1);
      }
      if (wallet?.month_used) {
        const days = since(find(id, 'wallet:CNY'), MONTH[0]).map(({ deducted }) => deducted);
        expect(sum(days)).toBeCloseTo(Number(wallet.month_used.amount), 1);
      }
    }
  });

  test('days, months and hours are the same time', () => {
    const month = fixture.history('month', '2026-10-01', '2026-12-01', 1);
    const hours = fixture.history('hour', '2026-11-20', '2026-11-21', 1);
    for (const one of month.series) {
      const days = find(1, one.series);
      expect(one.points[1]?.deducted).toBeCloseTo(
        sum(since(days, MONTH[0]).map(({ deducted }) => deducted)),
        1,
      );
    }
    for (const one of hours.series) {
      const at = history.buckets.findIndex(({ key }) => key === '2026-11-20');
      expect(sum(one.points.map(({ deducted }) => deducted))).toBeCloseTo(
        find(1, one.series).points[at]?.deducted ?? 0,
        1,
      );
    }
  });
});

test('what is unexplained is what the anomalies took, on their days', () => {
  for (const one of history.series) {
    const accused = history.marks.filter(
      (mark) =>
        mark.account_id === one.account_id &&
        mark.series === one.series &&
        mark.kind === 'anomaly' &&
        !mark.withdrawn &&
        mark.beyond !== null,
    );
    const unexplained = one.points.flatMap(({ explained }, index) =>
      (explained?.not ?? 0) > 0 ? [history.buckets[index]?.key] : [],
    );
    const days = accused.map(
      ({ from }) => history.buckets.find(({ start, end }) => from >= start && from < end)?.key,
    );
    expect([...new Set(days)].sort(), `${one.account} ${one.series}`).toEqual(unexplained);
    expect(sum(one.points.map(({ explained }) => explained?.not))).toBeCloseTo(
      sum(accused.map(({ beyond }) => beyond?.low)),
      1,
    );
    for (const { deducted, explained } of one.points) {
      if (explained === null) continue;
      const { fully, partly, not, elsewhere, cannot_tell } = explained;
      expect(fully + partly + not + elsewhere + cannot_tell).toBeCloseTo(deducted ?? 0, 1);
    }
  }
});

describe('usage', () => {
  const month = fixture.usage('day', ...MONTH);

  test('a day is the same whatever span is asked for', () => {
    const year = fixture.usage('day', '2026-01-01', '2026-11-23');
    expect(year.used.slice(-22)).toEqual(month.used);
    const hours = fixture.usage('hour', '2026-11-22', '2026-11-23');
    expect(hours.totals.total).toBe(month.used.at(-1)?.total);
    expect(fixture.usage('month', '2026-11-01', '2026-12-01').totals.total).toBe(
      month.totals.total,
    );
    expect(month.used.at(-1)?.total).toBeGreaterThan(0);
  });

  test('each split adds up to the whole', () => {
    for (const split of [
      month.models,
      month.projects,
      month.programs,
      month.accounts,
      month.machines,
    ]) {
      expect(sum(split.map(({ use }) => use.total))).toBe(month.totals.total);
    }
  });

  test('an account’s programs and machines are all of its usage', () => {
    for (const { use, programs, machines } of month.accounts) {
      expect(sum(programs.map(({ tokens }) => tokens))).toBe(use.total);
      expect(sum(machines.map(({ tokens }) => tokens))).toBeCloseTo(use.total, -1);
    }
  });

  test('a plan is the card’s, its worth is that of its usage, and no rate is more than a day', () => {
    const [work, batch] = month.accounts;
    expect(work?.plan?.plan).toBe(cards[0]?.plan);
    const yuan = Number(work?.plan?.worth?.amount) / Number(work?.use.worth?.amount);
    expect(yuan).toBeCloseTo(7.1, 1);
    for (const one of [work, batch]) {
      expect(one?.rates.day.tokens).toBeLessThanOrEqual(month.used.at(-1)?.total ?? 0);
      expect(one?.rates.hour.tokens).toBeLessThanOrEqual(one?.rates.day.tokens ?? 0);
    }
  });

  test('a machine that never reported has no usage', () => {
    const known = fixture.troubledMachines();
    const usage = fixture.reported(month, known);
    const silent = known.machines.filter(({ last_seen }) => last_seen === null);
    expect(silent.length).toBeGreaterThan(0);
    for (const { number } of silent) {
      expect(usage.machines.map(({ machine }) => machine)).not.toContain(number);
    }
  });
});

test('many accounts are as many on every page, by the same names', () => {
  const many = fixture.manyCards(50);
  const names = new Map(many.map(({ id, name }) => [id, name]));
  const findings = fixture.manyFindings(50);
  const usage = fixture.renamed(fixture.usage('day', ...MONTH));
  const all = fixture.manyHistory('day', '2026-11-20', '2026-11-23', null, 50);
  expect(new Set(all.series.map(({ account_id }) => account_id)).size).toBe(50);
  expect(fixture.manyAccounts(50).map(({ name }) => name)).toEqual([...names.values()]);
  for (const { account_id, account } of [
    ...findings.findings,
    ...findings.failures,
    ...all.series,
    ...usage.accounts,
  ]) {
    if (account_id !== null) expect(account).toBe(names.get(account_id));
  }
  const unread = findings.findings.filter(({ seen }) => !seen).length;
  expect(sum(many.map((one) => one.unseen_findings))).toBe(unread);
  expect(sum(many.map((one) => one.anomalies.count))).toBe(findings.open.length);
});

test('what fails is the same on the card and in the events', () => {
  for (const card of cards) {
    const row = fixture
      .findings()
      .failures.find(({ account_id, over }) => account_id === card.id && !over);
    if (row === undefined) continue;
    expect(row.from).toBe(card.failure?.since);
    expect(row.kind).toBe(card.failure?.kind);
  }
});
