import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import axe from 'axe-core';
import { tick } from 'svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import App from '../App.svelte';
import { ApiFailure } from '../api/backend';
import type { NewAccount, Settings as SettingsType, Usage } from '../api/types';
import Accounts from '../pages/Accounts.svelte';
import Findings from '../pages/Findings.svelte';
import History from '../pages/History.svelte';
import Overview from '../pages/Overview.svelte';
import Settings from '../pages/Settings.svelte';
import UsagePage from '../pages/Usage.svelte';
import Welcome from '../pages/Welcome.svelte';
import { href, parse, route } from '../state/route.svelte';
import { FixtureBackend, refuse } from './fixture-backend';
import { begin, show, speak } from './show';

const PAGES = { Overview, History, Usage: UsagePage, Findings, Accounts, Settings, Welcome };

beforeEach(() => {
  speak('en');
  localStorage.clear();
  location.hash = '#/overview';
  route.place = parse(location.hash);
});

/** Rules that need layout or a whole document do not work in jsdom. */
async function audit(container: HTMLElement): Promise<string[]> {
  const result = await axe.run(container, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  expect(result.passes.length).toBeGreaterThan(5);
  return result.violations.map(
    (violation) =>
      `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
  );
}

describe.each(['en', 'zh-CN'] as const)('in %s', (language) => {
  test.each(Object.entries(PAGES))('%s is accessible and has all its words', async (_, page) => {
    const backend = new FixtureBackend(undefined, {
      'GET /v1/settings': () => ({ ...fixture.settings(), language }),
    });
    const { container } = await show(page, backend);
    speak(language);
    await waitFor(() =>
      expect(container.querySelectorAll('button, input').length).toBeGreaterThan(1),
    );
    await new Promise((done) => setTimeout(done, 0));
    expect(await audit(container)).toEqual([]);
    // A message that is missing shows as its own name.
    expect(container.textContent).not.toMatch(/\b[a-z]+-[a-z0-9-]+\.about\b|\{\s*\$/);
    expect(container.textContent).not.toMatch(/undefined|NaN|\[object/);
    const chinese = /[\u4e00-\u9fff]/.test(container.querySelector('h1')?.textContent ?? '');
    expect(chinese).toBe(language === 'zh-CN');
  });
});

describe('Overview', () => {
  test('shows meters, money, states and what to do', async () => {
    const { container } = await show(Overview);
    const work = screen.getByRole('article', { name: 'Work' });
    const month = within(work).getByRole('meter', { name: 'Monthly quota' });
    expect(month.getAttribute('aria-valuetext')).toBe('78.8% used');
    expect(work.textContent).toContain('21.2% left · near the limit');
    expect(work.textContent).toContain('resets in 3 h 27 min · 17:47');
    // An estimate says so, and is silent where nothing can be told.
    const forecast = within(work).getByText('Likely to last until the reset (about 80%)');
    expect(forecast.getAttribute('title')).toContain('Estimated from recent usage');
    expect(work.textContent.match(/Likely to/g)).toHaveLength(1);
    // Code is a part of the month, never an allowance of its own.
    expect(within(work).queryByRole('meter', { name: /Code/ })).toBeNull();
    expect(work.textContent).toContain('Kimi Code’s share: 61.4%');

    const batch = screen.getByRole('article', { name: 'Batch jobs' });
    expect(batch.textContent).toMatch(/Available balance\s*\$49\.59/);
    expect(batch.textContent).toMatch(/Cash\s*\$3\.00\s*Voucher\s*\$46\.59/);
    expect(batch.textContent).not.toContain('Owed');

    const research = screen.getByRole('article', { name: /Research group/ });
    expect(research.textContent).toMatch(/Owed\s*¥4\.37/);
    // What is not known is a dash, not nothing.
    expect(research.textContent).toMatch(/Spent today\s*–/);
    expect(within(research).getByRole('link', { name: 'Replace key' }).getAttribute('href')).toBe(
      href('accounts', { replace: 4 }),
    );
    expect(container.textContent).toContain('next try in 5 min');
    expect(container.textContent).toContain('4.2% over · used up');
  });

  test('an open anomaly is marked on its card, and leads to its case', async () => {
    await show(Overview);
    const work = screen.getByRole('article', { name: 'Work' });
    const link = within(work).getByRole('link', { name: /Emptied at once · 5-hour quota/ });
    expect(link.textContent).toContain('and 1 more');
    expect(link.getAttribute('href')).toBe('#/findings?account=1&state=open&finding=10');
    expect(work.textContent).toContain('Monthly quota: 92% of deductions match local usage');
    const batch = screen.getByRole('article', { name: 'Batch jobs' });
    expect(within(batch).queryByRole('link', { name: /Unexplained/ })).toBeNull();
    expect(batch.textContent).not.toContain('match local usage');
  });

  test('a countdown follows the engine’s clock', async () => {
    const { session, container } = await show(Overview);
    session.now += 3_600_000;
    await waitFor(() => expect(container.textContent).toContain('resets in 2 h 27 min'));
  });

  test('everything that can be wrong is said', async () => {
    const { container } = await show(Overview, new FixtureBackend(fixture.troubled()));
    for (const text of [
      'The disk is full',
      'Sample data',
      'Paused until',
      'Elevated error rates',
      'No tray',
    ]) {
      expect(container.textContent).toContain(text);
    }
    expect(await audit(container)).toEqual([]);
  });

  test('a refresh says honestly what was left alone', async () => {
    const backend = new FixtureBackend(undefined, {
      'POST /v1/refresh': () => ({
        polling: [1],
        left_alone: [
          { account_id: 2, why: 'just-now', until: fixture.iso(fixture.NOW) },
          { account_id: 5, why: 'retry-after', until: fixture.iso(fixture.NOW) },
        ],
      }),
    });
    const { session } = await show(Overview, backend);
    await fireEvent.click(screen.getByRole('button', { name: 'Refresh' }));
    await waitFor(() =>
      expect(session.toast?.text).toBe(
        'Refreshing 1 account… Skipped Laptop, old plan: checked moments ago. Skipped 家里的电脑: the service asked to wait.',
      ),
    );
  });

  test('unlocking the keyring asks the engine and looks again', async () => {
    const { backend } = await show(Overview);
    await fireEvent.click(screen.getByRole('button', { name: 'Unlock the keyring' }));
    await waitFor(() => expect(backend.sent('POST', '/v1/refresh')).toEqual([{ account_id: 6 }]));
    expect(backend.sent('POST', '/v1/vault/unlock-keyring')).toHaveLength(1);
  });

  test('a locked key file asks for its passphrase, once', async () => {
    const backend = new FixtureBackend(undefined, {
      'GET /v1/welcome': () => ({ ...fixture.welcome(), encrypted_file: 'locked' }),
    });
    await show(Overview, backend);
    const field = await screen.findByLabelText('Passphrase');
    await fireEvent.input(field, { target: { value: 'correct horse' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Unlock' }));
    await waitFor(() =>
      expect(backend.sent('POST', '/v1/vault/unlock-file')).toEqual([
        { passphrase: 'correct horse' },
      ]),
    );
  });

  test('a pause of an hour is counted from the engine’s clock', async () => {
    const { backend } = await show(Overview);
    await fireEvent.click(screen.getByRole('button', { name: /Pause/ }));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'For 1 hour' }));
    const [sent] = backend.sent('POST', '/v1/pause') as { until: string }[];
    expect(Math.abs(Date.parse(sent?.until ?? '') - fixture.NOW - 3_600_000)).toBeLessThan(60_000);
  });

  test('a hundred accounts', async () => {
    const accounts = Array.from({ length: 100 }, (_, index) =>
      fixture.card({ ...fixture.cards()[index % 6], id: index + 1, name: `Account ${index + 1}` }),
    );
    const { container } = await show(Overview, new FixtureBackend(fixture.overview({ accounts })));
    expect(container.querySelectorAll('article')).toHaveLength(100);
  });

  test('before the first reading nothing is made up', async () => {
    const waiting = fixture.card({ id: 1, name: 'New', state: 'waiting', read_at: null });
    const { container } = await show(
      Overview,
      new FixtureBackend(fixture.overview({ accounts: [waiting] })),
    );
    expect(container.textContent).toContain('No reading yet.');
    expect(container.querySelector('article')?.textContent).not.toMatch(/0%|0\.00/);
  });
});

describe('History', () => {
  test('a chart a series, never a sum across units, with a table behind it', async () => {
    route.replace({ account: 'all' });
    location.hash = '#/history?account=all';
    route.place = parse(location.hash);
    const { container } = await show(History);
    await waitFor(() => expect(container.querySelectorAll('.panel').length).toBeGreaterThan(6));
    const month = screen.getByRole('region', { name: 'Monthly quota, Work' });
    expect(within(month).getAllByRole('button', { name: /Deducted: / })).toHaveLength(30);
    expect(within(month).getAllByRole('button', { name: /Deducted: No data/ })).toHaveLength(2);
    expect(screen.queryByRole('region', { name: /^Kimi Code/ })).toBeNull();
    await fireEvent.click(within(month).getByRole('button', { name: 'Table' }));
    expect(within(month).getAllByRole('row')).toHaveLength(31);
    expect(await audit(month)).toEqual([]);
  });

  test('verdicts and findings are in sums, bars, table and links', async () => {
    await show(History);
    const month = await screen.findByRole('region', { name: 'Monthly quota, Work' });
    expect(month.textContent).toMatch(/Explained\s*\d+(\.\d)?%\s*/);
    expect(month.textContent).toMatch(/Unexplained\s*\d+(\.\d)?%/);
    expect(month.textContent).toContain('Monthly quota: 92% of deductions match local usage');
    expect(
      within(month)
        .getByRole('link', { name: /Unexplained deduction · Monthly quota/ })
        .getAttribute('href'),
    ).toBe('#/findings?finding=8');
    expect(month.querySelectorAll('.unexplained').length).toBeGreaterThan(0);
    const today = within(month).getByRole('button', {
      name: /Sunday, November 22, 2026, .*Unexplained deduction · Monthly quota, Plan changed, Incident: Quota/,
    });
    expect(today.querySelector('.flag.over')).not.toBeNull();
    // Another series' finding does not mark this one.
    expect(today.getAttribute('aria-label')).not.toContain('Emptied at once');
    expect(
      within(month).getAllByRole('button', { name: /Your logs usually cover all usage/ }).length,
    ).toBeGreaterThan(0);
    await fireEvent.click(within(month).getByRole('button', { name: 'Table' }));
    expect(within(month).getByRole('table').textContent).toMatch(/Explained 0.\d%|Explained \d/);
  });

  test('arrows walk the bars and the tooltip follows', async () => {
    const { container } = await show(History);
    await waitFor(() => expect(container.querySelector('.column')).not.toBeNull());
    const chart = container.querySelector('.chart') as HTMLElement;
    expect(chart.querySelectorAll('[tabindex="0"]')).toHaveLength(1);
    const last = chart.querySelector('[tabindex="0"]') as SVGElement;
    last.focus();
    await fireEvent.keyDown(last, { key: 'ArrowLeft' });
    await waitFor(() => expect(chart.querySelector('.tip')?.textContent).toContain('Saturday'));
    await fireEvent.keyDown(document.activeElement ?? last, { key: 'Home' });
    expect(document.activeElement?.getAttribute('data-index')).toBe('0');
  });

  test('spans ask for whole days in the pinned zone', async () => {
    const { backend, container } = await show(History);
    await waitFor(() => expect(container.querySelector('.panel')).not.toBeNull());
    const paths = (): string[] =>
      backend.asked.filter((one) => one.path.startsWith('/v1/history')).map((one) => one.path);
    expect(paths().at(-1)).toBe('/v1/history?by=day&from=2026-10-24&to=2026-11-23&account=1');
    await fireEvent.click(screen.getByRole('button', { name: '12 months' }));
    await waitFor(() =>
      expect(paths().at(-1)).toBe('/v1/history?by=month&from=2025-12-01&to=2026-11-23&account=1'),
    );
    await fireEvent.click(screen.getByRole('button', { name: '7 days' }));
    await waitFor(() => expect(paths().at(-1)).toContain('by=day&from=2026-11-16'));
  });

  test('nothing recorded is said, and so is a failure', async () => {
    const nothing = new FixtureBackend(undefined, {
      'GET /v1/history': () => ({
        ...fixture.history('day', '2026-11-01', '2026-11-02', 1),
        series: [],
      }),
    });
    const { container } = await show(History, nothing);
    await waitFor(() => expect(container.textContent).toContain('No data in this time range'));
    const broken = await show(
      History,
      new FixtureBackend(undefined, { 'GET /v1/history': refuse('database', 500) }),
    );
    await waitFor(() => expect(broken.container.textContent).toContain('could not be read'));
  });
});

describe('Usage', () => {
  const told = (given: Partial<Usage>): FixtureBackend =>
    new FixtureBackend(undefined, {
      'GET /v1/usage': () => fixture.usage('day', '2026-10-24', '2026-11-23', given),
    });

  test('tokens and worth by day, with a table behind each', async () => {
    const { backend } = await show(UsagePage);
    const tokens = await screen.findByRole('region', { name: 'Tokens' });
    expect(backend.asked.at(-1)?.path).toBe('/v1/usage?by=day&from=2026-10-24&to=2026-11-23');
    expect(within(tokens).getAllByRole('button', { name: /2026, Tokens: / })).toHaveLength(30);
    await fireEvent.click(within(tokens).getByRole('button', { name: 'Table' }));
    const rows = within(tokens).getAllByRole('row');
    expect(rows).toHaveLength(31);
    // The exact counts, added up here once more, are what the fixture says of all of them.
    const counts = rows.slice(1).map((row) => row.querySelector('td')?.textContent ?? '');
    const sum = counts.reduce((all, text) => all + Number(text.replaceAll(',', '')), 0);
    const answer = fixture.usage('day', '2026-10-24', '2026-11-23');
    expect(sum).toBe(answer.totals.total);
    expect(await audit(tokens)).toEqual([]);

    const worth = screen.getByRole('region', { name: 'Worth' });
    expect(worth.textContent).toContain('Estimated from the open platform’s public prices');
    expect(worth.textContent).toMatch(/No public price\s*7\.\d+M/);
  });

  test('what has no price is unknown, and is named', async () => {
    const day = fixture.use(40, 2_000_000, false);
    const { container } = await show(
      UsagePage,
      told({
        totals: day,
        used: fixture.usage('day', '2026-10-24', '2026-11-23').used.map(() => day),
        models: [{ name: 'kimi-k3-preview', use: day, totals: [] }],
        unpriced: [{ name: 'kimi-k3-preview', requests: 40, tokens: 2_000_000 }],
      }),
    );
    const worth = await screen.findByRole('region', { name: /^Worth/ });
    expect(worth.querySelector('.main dd')?.textContent).toBe('–');
    expect(within(worth).getAllByRole('button', { name: /Worth: –/ })).toHaveLength(30);
    const model = screen.getByRole('button', { name: /^kimi-k3-preview/ });
    expect(model.textContent).toContain('No public price');
    expect(container.textContent).toContain('kimi-k3-preview (2M)');
    expect(worth.textContent).not.toMatch(/\$0/);
  });

  test('a chosen model is drawn inside the bars, and let go again', async () => {
    await show(UsagePage);
    const tokens = await screen.findByRole('region', { name: 'Tokens' });
    const model = screen.getByRole('button', { name: /^kimi-k2-thinking/ });
    expect(tokens.querySelector('.inner')).toBeNull();
    await fireEvent.click(model);
    await waitFor(() => expect(tokens.querySelectorAll('.inner').length).toBeGreaterThan(15));
    expect(tokens.textContent).toMatch(/of which kimi-k2-thinking\s*[\d.]+M/);
    expect(model.getAttribute('aria-pressed')).toBe('true');
    await fireEvent.click(model);
    await waitFor(() => expect(tokens.querySelector('.inner')).toBeNull());
  });

  test('projects by their folder, the rest on demand; what nobody can be told to have used apart', async () => {
    const { container } = await show(UsagePage);
    const tidewater = await screen.findByRole('button', { name: /^tidewater \/home/ });
    const projects = tidewater.closest('section') as HTMLElement;
    expect(within(projects).getAllByRole('listitem')).toHaveLength(8);
    await fireEvent.click(within(projects).getByRole('button', { name: 'Show all 10' }));
    await waitFor(() => expect(within(projects).getAllByRole('listitem')).toHaveLength(10));
    expect(projects.textContent).toContain('Unknown project');
    expect(projects.textContent).toContain('浮标 C:\\Users');
    expect(container.textContent).toContain('Unassigned The logs do not name an account.');
  });

  test('one account can be chosen, all, and what nobody can be told to have used', async () => {
    const { backend } = await show(UsagePage);
    await screen.findByRole('heading', { name: 'By account' });
    const choice = screen.getByRole('combobox', { name: 'Account' });
    const chosen = (): string => (choice as HTMLSelectElement).selectedOptions[0]?.text ?? '';
    expect(chosen()).toBe('All accounts');
    for (const [name, value, asked] of [
      ['Batch jobs', '3', '&account=3'],
      ['Unassigned', 'none', '&account=none'],
      ['All accounts', '', ''],
    ]) {
      await fireEvent.change(choice, { target: { value } });
      const path = `/v1/usage?by=day&from=2026-10-24&to=2026-11-23${asked}`;
      await waitFor(() => expect(backend.asked.at(-1)?.path).toBe(path));
      expect(chosen()).toBe(name);
      // Of one account, shares of accounts say nothing.
      expect(screen.queryByRole('heading', { name: 'By account' }) === null).toBe(value !== '');
    }
  });

  test('rates stand beside the limits of their account, and only where there is one', async () => {
    await show(UsagePage);
    const title = await screen.findByRole('heading', { name: 'Rates and limits' });
    const batch = within(title.parentElement?.nextElementSibling as HTMLElement)
      .getByRole('heading', { name: 'Batch jobs' })
      .closest('section') as HTMLElement;
    const cells = (limit: string): string[] =>
      [...(within(batch).getByRole('rowheader', { name: limit }).parentElement?.children ?? [])]
        .slice(1)
        .map((cell) => (cell.textContent ?? '').replaceAll(/\s+/g, ' ').trim());
    expect(cells('Concurrency')).toEqual(['40 80%', '44 88%', '48 96%', '50']);
    expect(cells('RPM')).toEqual(['38 19%', '41 20.5%', '41 20.5%', '200']);
    expect(cells('TPD')).toEqual(['', '', '190M', '–']);
    expect([...batch.querySelectorAll('.over')].map((chip) => chip.textContent)).toEqual(['96%']);
  });

  test('the hours are a grid that arrows walk, and a table of numbers', async () => {
    await show(UsagePage);
    const grid = await screen.findByRole('grid', { name: 'Busiest hours' });
    expect(grid.querySelectorAll('[tabindex="0"]')).toHaveLength(1);
    const hours = fixture.usage('day', '2026-10-24', '2026-11-23').busiest.flat();
    const most = Math.max(...hours.map((hour) => hour.tokens));
    const busiest = grid.querySelector('[tabindex="0"]') as HTMLElement;
    expect(hours[Number(busiest.dataset['place'])]?.tokens).toBe(most);
    busiest.focus();
    await fireEvent.keyDown(busiest, { key: 'ArrowDown' });
    const place = Number(busiest.dataset['place']) + 24;
    expect((document.activeElement as HTMLElement).dataset['place']).toBe(String(place));
    expect(document.activeElement?.getAttribute('aria-label')).toMatch(
      /^Wed 16:00–17:00: [\d.]+[KM]? tokens, \d+ requests?$/,
    );
    const frame = grid.closest('section') as HTMLElement;
    await fireEvent.click(within(frame).getByRole('button', { name: 'Table' }));
    await waitFor(() => expect(busiest.textContent).toMatch(/^[\d.]+M$/));
    expect(await audit(frame)).toEqual([]);
  });

  test('news bring new figures, one question at a time', async () => {
    const waiting: (() => void)[] = [];
    let requests = 1;
    const backend = new FixtureBackend(undefined, {
      'GET /v1/usage': () =>
        new Promise((done) =>
          waiting.push(() =>
            done(
              fixture.usage('day', '2026-11-20', '2026-11-23', {
                totals: fixture.use(requests, 1000),
              }),
            ),
          ),
        ),
    });
    const { session, container } = await show(UsagePage, backend);
    await waitFor(() => expect(waiting).toHaveLength(1));
    for (let index = 0; index < 5; index += 1) {
      session.usageRevision += 1;
      await tick();
    }
    expect(waiting).toHaveLength(1);
    requests = 77;
    waiting[0]?.();
    await waitFor(() => expect(waiting).toHaveLength(2));
    waiting[1]?.();
    await waitFor(() => expect(container.querySelector('.sums')?.textContent).toContain('77'));
    expect(waiting).toHaveLength(2);
  });

  test('a first scan says how far it is', async () => {
    await show(UsagePage, told(fixture.USAGE.scanning));
    const bar = (await screen.findByRole('progressbar')) as HTMLProgressElement;
    expect(bar.value / bar.max).toBeCloseTo(0.318, 2);
    expect(bar.parentElement?.textContent).toContain('402 of 1,284 files');
    expect(bar.parentElement?.textContent).toContain('Totals are incomplete');
  });

  test('homes that are missing and what could not be read are said', async () => {
    const { container } = await show(UsagePage, told(fixture.USAGE.troubled));
    const path = await screen.findByText('/srv/agents/kimi-code');
    expect(path.closest('li')?.textContent).toContain('not found');
    for (const text of [
      /Unreadable lines\s*17/,
      /Unreadable files\s*2/,
      /invalid timestamp\s*3/,
      /cannot be watched/,
      /not counted\)\s*deepseek-v4 \(1\.9M\)/,
    ]) {
      expect(container.textContent).toMatch(text);
    }
  });

  test.each([
    ['no log was found', {}, 'No session logs were found'],
    ['nothing was read yet', { last_done: null }, 'have not been read yet'],
    ['there was no use', { homes: fixture.scan().homes }, 'No usage in this time range'],
  ])('where %s, that is said and no zero is shown', async (_, given, text) => {
    const nothing = fixture.usageOfNothing('day', '2026-10-24', '2026-11-23');
    const { container } = await show(
      UsagePage,
      told({ ...nothing, scan: { ...nothing.scan, ...given } }),
    );
    await screen.findByText(new RegExp(text));
    expect(container.querySelector('.chart, table, .sums')).toBeNull();
  });

  test('a failure is said, and news help', async () => {
    const backend = new FixtureBackend(undefined, { 'GET /v1/usage': refuse('database', 500) });
    const { session } = await show(UsagePage, backend);
    await screen.findByRole('alert');
    backend.answers = {};
    session.usageRevision += 1;
    await screen.findByRole('region', { name: 'Tokens' });
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

describe('Findings', () => {
  test('are listed by day, filtered, and seen when opened', async () => {
    const { container, backend } = await show(Findings);
    await screen.findByText('Weekly quota reset early');
    expect([...container.querySelectorAll('h2')].map((day) => day.textContent)).toEqual([
      'Sunday, November 22',
      'Saturday, November 21',
      'Friday, November 20',
    ]);
    // What came when it was due is one line, until resets are asked for.
    expect(screen.queryByText('5-hour quota reset on time')).toBeNull();
    expect(screen.getByText('1 reset on time')).toBeTruthy();
    const early = screen
      .getByText('Weekly quota reset early')
      .closest('details') as HTMLDetailsElement;
    const fact = 'Nov 22, 12:15: the weekly quota at 78.5%, next reset Nov 24, 14:20';
    expect(early.textContent).not.toContain(fact);
    early.open = true;
    early.dispatchEvent(new Event('toggle'));
    await waitFor(() => expect(early.textContent).toContain(fact));
    await waitFor(() => expect(backend.sent('POST', '/v1/findings/seen')).toEqual([{ ids: [9] }]));
    await fireEvent.click(screen.getByRole('button', { name: 'Failures' }));
    await waitFor(() => expect(container.querySelectorAll('details')).toHaveLength(2));
    await fireEvent.click(screen.getByRole('button', { name: 'Mark all as read' }));
    await waitFor(() =>
      expect(backend.sent('POST', '/v1/findings/seen').at(-1)).toEqual({ ids: [10, 8] }),
    );
  });

  test('days with nothing but resets on time, one after another, are one line', async () => {
    const answer = fixture.findings();
    const [ordinary] = answer.findings.filter((one) => one.schedule === 'on-time');
    const days = [1, 2, 3, 5].flatMap((before) =>
      [1, 2].map((half) => ({
        ...(ordinary as NonNullable<typeof ordinary>),
        id: 100 + 10 * before + half,
        detected_at: `2026-11-${String(14 - before).padStart(2, '0')}T0${half}:00:00Z`,
      })),
    );
    const [early] = answer.findings.filter((one) => one.schedule === 'early');
    const news = { ...(early as NonNullable<typeof early>), detected_at: '2026-11-12T03:00:00Z' };
    const { container } = await show(
      Findings,
      new FixtureBackend(undefined, {
        'GET /v1/findings': () => ({ ...answer, findings: [...days, news], failures: [] }),
      }),
    );
    await screen.findByText('Weekly quota reset early');
    expect([...container.querySelectorAll('h2')].map((day) => day.textContent?.trim())).toEqual([
      'Friday, November 13',
      'Thursday, November 12',
      'November 9\u2009–\u200911',
    ]);
    const titles = [...container.querySelectorAll('summary .title')].map((one) => one.textContent);
    expect(titles.filter((title) => title?.includes('on time'))).toEqual([
      '2 resets on time',
      '2 resets on time',
      '4 resets on time',
    ]);
    // Over several days, each is told with its day.
    const last = [...container.querySelectorAll('details')].at(-1) as HTMLDetailsElement;
    last.open = true;
    last.dispatchEvent(new Event('toggle'));
    await waitFor(() => expect(last.textContent).toMatch(/Nov 9, 2026/));
  });

  /** Shows the page with one finding opened by a link. */
  async function opened(id: number): Promise<{ backend: FixtureBackend; entry: HTMLElement }> {
    location.hash = `#/findings?finding=${id}`;
    route.place = parse(location.hash);
    const { backend, container } = await show(Findings);
    await waitFor(() =>
      expect(container.querySelector('details[open] svg[role=img]')).toBeTruthy(),
    );
    return { backend, entry: container.querySelector('details[open]') as HTMLElement };
  }

  test('a case has its chart, its confidenceText in words, and a table that tells the same', async () => {
    const { entry } = await opened(8);
    expect(entry.textContent).toContain('Deducted 14 points, expected at most 1.5 points');
    expect(entry.textContent).toMatch(/Confidence\s*very likely/);
    expect(entry.textContent).toContain('Monthly quota: 92% of deductions match local usage');
    expect(entry.textContent).toContain('“Quota display and deduction errors”');
    expect(entry.querySelector('.band')?.getAttribute('d')).toMatch(/^M[\d.,L]+Z$/);
    expect(entry.querySelectorAll('svg .not').length).toBeGreaterThan(0);
    expect(await audit(entry)).toEqual([]);
    await fireEvent.click(within(entry).getByRole('button', { name: 'Table' }));
    const rows = within(entry)
      .getAllByRole('row')
      .map((row) => row.textContent ?? '');
    expect(rows.some((row) => row.includes('14%Unexplained · Your logs usually cover'))).toBe(true);
    expect(rows.some((row) => row.includes('The usage in your logs explains 0.6% – 1.1%'))).toBe(
      true,
    );
    expect(rows.some((row) => row.includes('Cannot tell · Your logs don’t cover'))).toBe(true);
    expect(rows.some((row) => row.includes('Incident: Quota display'))).toBe(true);
    expect(rows.some((row) => row.includes('No data'))).toBe(true);
    expect(await audit(entry)).toEqual([]);
  });

  test('an explanation is in Chinese, and what was recorded in English alone is marked as such', async () => {
    speak('zh-CN');
    const settings = { ...fixture.settings(), language: 'zh-CN' };
    const backend = new FixtureBackend(undefined, { 'GET /v1/settings': () => settings });
    const { container } = await show(Findings, backend);
    const open = async (title: string): Promise<HTMLElement> => {
      const entry = (await screen.findByText(title)).closest('details') as HTMLDetailsElement;
      entry.open = true;
      entry.dispatchEvent(new Event('toggle'));
      await waitFor(() => expect(entry.querySelector('.evidence')).not.toBeNull());
      return entry;
    };
    const unexplained = await open('每月额度：不明扣减');
    const [said = '', ...facts] = [
      ...unexplained.querySelectorAll('details details p, .evidence li'),
    ].map((one) => one.textContent?.trim());
    expect(said).toBe(
      '11月22日 05:20 至 11月22日 06:20，每月额度被扣减 14 个百分点。' +
        '与本机用量对应的扣减最多为 1.5 个百分点。' +
        '状态页自 11月22日 04:50 起报告“Elevated 502 errors on the API”（严重故障）。',
    );
    expect(facts).toEqual([
      '扣减 14 个百分点（±0.1 个百分点），预期最少 0 个百分点，最多 1.5 个百分点',
      '其间更新失败 3 次',
    ]);
    expect(unexplained.querySelector('[lang=en]')).toBeNull();
    const back = await open('已返还 · 每月额度');
    expect(back.textContent).toContain('英文记录：');
    const quoted = [...back.querySelectorAll('q[lang=en]')].map((one) => one.textContent);
    expect(quoted).toEqual([
      'The monthly quota got back 21 points of the 21 lost at 2026-11-21 03:20 UTC.',
      '2026-11-21 05:55 UTC: +21 points',
    ]);
    expect(await audit(container)).toEqual([]);
  });

  test('a mark is sent, shown, and said what it does', async () => {
    const { backend, entry } = await opened(8);
    const group = within(entry).getByRole('group', { name: 'Status' });
    const mine = within(group).getByRole('button', { name: 'Mine' });
    expect(mine.getAttribute('aria-pressed')).toBe('false');
    await fireEvent.click(mine);
    await waitFor(() => expect(mine.getAttribute('aria-pressed')).toBe('true'));
    expect(backend.sent('POST', '/v1/findings/8/mark')).toEqual([{ as: 'mine' }]);
    expect(entry.textContent).toContain('Tidemark learns from this');
    expect(entry.querySelector('summary')?.textContent).toContain('Mine');
    // The case was not asked for again.
    expect(backend.sent('GET', '/v1/findings/8/case')).toHaveLength(1);
  });

  test('states filter, and what was given back is not open', async () => {
    const { container } = await show(Findings);
    await screen.findByText('Weekly quota reset early');
    const state = screen.getByRole('combobox', { name: 'Status' });
    const titles = (): string[] =>
      [...container.querySelectorAll('summary .title')].map((one) => one.textContent ?? '');
    await fireEvent.change(state, { target: { value: 'open' } });
    await waitFor(() =>
      expect(titles()).toEqual([
        'Emptied at once · 5-hour quota',
        'Unexplained deduction · Monthly quota',
      ]),
    );
    await fireEvent.change(state, { target: { value: 'mine' } });
    await waitFor(() => expect(titles()).toEqual(['Unexplained deduction · Balance ($)']));
  });

  test('a link to a finding that is older than the list finds it', async () => {
    location.hash = '#/findings?finding=8';
    route.place = parse(location.hash);
    const none = { findings: [], failures: [], incidents: [], known_use: [] };
    const backend = new FixtureBackend(undefined, { 'GET /v1/findings': () => none });
    const { container } = await show(Findings, backend);
    await waitFor(() =>
      expect(container.querySelector('details[open]')?.textContent).toContain(
        'Unexplained deduction · Monthly quota',
      ),
    );
  });

  test('the report of a finding is saved with its account and days', async () => {
    const { backend, entry } = await opened(8);
    await fireEvent.click(within(entry).getByRole('button', { name: 'Evidence report' }));
    const dialog = await screen.findByRole('dialog', { name: 'Evidence report', hidden: true });
    const inside = within(dialog);
    await fireEvent.click(inside.getByRole('button', { name: '简体中文', hidden: true }));
    await fireEvent.submit(dialog.querySelector('form') as HTMLFormElement);
    await waitFor(() =>
      expect(backend.saved).toEqual([
        {
          path: '/v1/report?from=2026-11-21&to=2026-11-23&account=1&format=html&language=zh-CN',
          name: 'tidemark-report-2026-11-21-2026-11-22.html',
        },
      ]),
    );
    await waitFor(() => expect(screen.queryByRole('dialog', { hidden: true })).toBeNull());
  });

  test('an export takes its format', async () => {
    const { backend, session } = await show(Findings);
    await fireEvent.click(screen.getByRole('button', { name: 'Export' }));
    const dialog = await screen.findByRole('dialog', { name: 'Export', hidden: true });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'JSONL', hidden: true }));
    await fireEvent.submit(dialog.querySelector('form') as HTMLFormElement);
    await waitFor(() =>
      expect(backend.saved[0]).toEqual({
        path: '/v1/export?from=2026-11-16&to=2026-11-23&format=jsonl',
        name: 'tidemark-export-2026-11-16-2026-11-22.jsonl',
      }),
    );
    await waitFor(() => expect(session.toast?.text).toContain('Saved: /home/me/Downloads/'));
  });

  test('none yet is said kindly', async () => {
    const { container } = await show(
      Findings,
      new FixtureBackend(undefined, {
        'GET /v1/findings': () => ({
          findings: [],
          failures: [],
          incidents: [],
          known_use: [],
        }),
      }),
    );
    await waitFor(() => expect(container.textContent).toContain('No events yet'));
  });
});

describe('Accounts', () => {
  async function paste(key: string): Promise<HTMLInputElement> {
    const field = (await screen.findByLabelText('API key')) as HTMLInputElement;
    await fireEvent.input(field, { target: { value: key } });
    return field;
  }

  test('a pasted key is recognised without being sent, then sent once and forgotten', async () => {
    const { backend, container } = await show(Accounts);
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    const field = await paste('  sk-kimi-abcdef123456 ');
    expect([field.type, field.autocomplete]).toEqual(['password', 'off']);
    expect(container.textContent).toContain('A Kimi Code key.');
    expect(backend.asked.some((one) => one.method !== 'GET')).toBe(false);
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    await waitFor(() => expect(screen.queryByLabelText('API key')).toBeNull());
    expect(backend.sent('POST', '/v1/accounts')).toEqual([
      {
        name: '',
        source: null,
        region: null,
        base_url: null,
        key: { kind: 'keyring', key: 'sk-kimi-abcdef123456' },
        untested: false,
      } satisfies NewAccount,
    ]);
    expect(field.value).toBe('');
    expect(
      JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }),
    ).not.toContain('sk-kimi');
    expect(document.documentElement.outerHTML).not.toContain('abcdef123456');
  });

  test('a service that cannot be reached lets the user add untested', async () => {
    const backend = new FixtureBackend(undefined, {
      'POST /v1/accounts': ({ body }) => {
        if (!(body as NewAccount).untested) throw new ApiFailure('network', 'no route', 422);
        return fixture.accounts()[0];
      },
    });
    await show(Accounts, backend);
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    await paste('sk-abcdef1234567890');
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    await fireEvent.click(await screen.findByRole('button', { name: 'Add without testing' }));
    await waitFor(() =>
      expect(
        backend.sent('POST', '/v1/accounts').map((body) => (body as NewAccount).untested),
      ).toEqual([false, true]),
    );
  });

  test('without a keyring another place is offered, never plain text', async () => {
    const backend = new FixtureBackend(undefined, {
      'GET /v1/welcome': () => ({ ...fixture.welcome(), keyring: 'absent' }),
    });
    await show(Accounts, backend);
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    const add = screen.getByRole('button', { name: 'Add account' }) as HTMLButtonElement;
    await paste('sk-abcdef1234567890');
    await waitFor(() =>
      expect((screen.getByLabelText(/Encrypted file/) as HTMLInputElement).checked).toBe(true),
    );
    expect(add.disabled).toBe(true);
    await fireEvent.input(screen.getByLabelText(/New passphrase/), {
      target: { value: 'long enough' },
    });
    await fireEvent.click(add);
    await waitFor(() =>
      expect((backend.sent('POST', '/v1/accounts')[0] as NewAccount).key).toEqual({
        kind: 'encrypted-file',
        key: 'sk-abcdef1234567890',
        passphrase: 'long enough',
      }),
    );
  });

  test('a keyring that fails while adding leads to another place', async () => {
    await show(
      Accounts,
      new FixtureBackend(undefined, { 'POST /v1/accounts': refuse('keyring-locked', 503) }),
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    await paste('sk-abcdef1234567890');
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    await screen.findByText('The keyring is locked');
    await fireEvent.click(screen.getByRole('button', { name: 'Choose another storage' }));
    expect(await screen.findByLabelText(/New passphrase/)).toBeTruthy();
  });

  test('order by buttons and by arrows on the handle', async () => {
    const { backend } = await show(Accounts);
    await fireEvent.click(await screen.findByRole('button', { name: 'Move Work down' }));
    await waitFor(() =>
      expect(backend.sent('PUT', '/v1/accounts/order')).toEqual([{ ids: [2, 1, 3, 4, 5, 6] }]),
    );
    await fireEvent.keyDown(screen.getByRole('button', { name: 'Move Batch jobs' }), {
      key: 'ArrowUp',
    });
    await waitFor(() =>
      expect(backend.sent('PUT', '/v1/accounts/order').at(-1)).toEqual({ ids: [1, 3, 2, 4, 5, 6] }),
    );
  });

  test('rename, and a name that is taken', async () => {
    const backend = new FixtureBackend(undefined, {
      'PATCH /v1/accounts/1': refuse('name-taken', 409),
    });
    const { session } = await show(Accounts, backend);
    await screen.findByRole('heading', { name: 'Work' });
    await fireEvent.click(screen.getAllByRole('button', { name: 'Rename' })[0] as HTMLElement);
    await fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Batch jobs' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() =>
      expect(session.toast?.text).toBe('This name is taken. Choose another name.'),
    );
    expect(screen.getByLabelText('Name')).toBeTruthy();
  });

  test('removing asks first', async () => {
    const { backend } = await show(Accounts);
    await screen.findByRole('heading', { name: 'Work' });
    await fireEvent.click(screen.getAllByRole('button', { name: 'Remove' })[0] as HTMLElement);
    expect(backend.asked.some((one) => one.method === 'DELETE')).toBe(false);
    const dialog = screen.getByRole('dialog', { name: 'Remove Work?' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(backend.sent('DELETE', '/v1/accounts/1')).toHaveLength(1));
  });

  test('an account whose key is out of reach goes without it once the user says so', async () => {
    const backend = new FixtureBackend(undefined, {
      'DELETE /v1/accounts/1': (asked) =>
        asked.path.endsWith('?keep_key=true')
          ? { key_removed: false }
          : refuse('keyring-gone', 409)(asked),
    });
    const { session } = await show(Accounts, backend);
    await screen.findByRole('heading', { name: 'Work' });
    await fireEvent.click(screen.getAllByRole('button', { name: 'Remove' })[0] as HTMLElement);
    const dialog = screen.getByRole('dialog', { name: 'Remove Work?' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    expect((await within(dialog).findByRole('alert')).textContent).toContain(
      'The keyring stopped running',
    );
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Remove account, keep key' }));
    await waitFor(() =>
      expect(session.toast?.text).toBe('Work removed; its key is still in its storage'),
    );
  });

  test('a card that sent the user here opens the right form', async () => {
    location.hash = href('accounts', { replace: 2 });
    route.place = parse(location.hash);
    const { backend } = await show(Accounts);
    await paste('sk-kimi-another123456');
    const form = screen.getByLabelText('API key').closest('form') as HTMLFormElement;
    await fireEvent.submit(form);
    await waitFor(() =>
      expect(backend.sent('PATCH', '/v1/accounts/2')).toEqual([
        { key: { kind: 'keyring', key: 'sk-kimi-another123456' } },
      ]),
    );
  });
});

describe('Settings', () => {
  const sent = (backend: FixtureBackend): Partial<SettingsType>[] =>
    backend.sent('PATCH', '/v1/settings') as Partial<SettingsType>[];

  test.each([
    ['80, 95', [80, 95]],
    ['95 80 80', [80, 95]],
    ['75、90、100%', [75, 90, 100]],
    ['', []],
  ])('thresholds typed as %j are kept as %j', async (typed, kept) => {
    const { backend } = await show(Settings);
    await fireEvent.change(screen.getByLabelText('Notify at (% used)'), {
      target: { value: typed },
    });
    await waitFor(() => expect(sent(backend)).toEqual([{ meter_thresholds: kept }]));
  });

  test.each(['abc', '0', '101', '150', '7.5', '1 2 3 4 5 6 7 8 9 10 11'])(
    'thresholds such as %j are not sent',
    async (typed) => {
      const { backend } = await show(Settings);
      await fireEvent.change(screen.getByLabelText('Notify at (% used)'), {
        target: { value: typed },
      });
      await screen.findByRole('alert');
      expect(sent(backend)).toEqual([]);
    },
  );

  test('a quicker pace takes the busy one along, and no slower busy one is offered', async () => {
    const { backend } = await show(Settings);
    const every = screen.getByLabelText<HTMLSelectElement>(/^Polling interval(?! while)/);
    const busy = screen.getByLabelText<HTMLSelectElement>(/^Polling interval while active/);
    await fireEvent.change(busy, { target: { value: '300' } });
    await waitFor(() => expect(busy.value).toBe('300'));
    await fireEvent.change(every, { target: { value: '60' } });
    await waitFor(() =>
      expect(sent(backend).at(-1)).toEqual({ poll_seconds: 60, poll_seconds_busy: 60 }),
    );
    await waitFor(() => expect([...busy.options].map((one) => one.value)).toEqual(['60']));
  });

  test.each(['0', '0.00', '-1', 'ten'])('an amount such as %j is not sent', async (typed) => {
    const { backend } = await show(Settings);
    await fireEvent.change(screen.getByLabelText(/falls below \(\$\)/), {
      target: { value: typed },
    });
    await screen.findByRole('alert');
    expect(sent(backend)).toEqual([]);
  });

  test('an amount of one currency leaves the others alone, and an empty one is never', async () => {
    const { backend } = await show(Settings);
    await fireEvent.change(screen.getByLabelText(/falls below \(\$\)/), {
      target: { value: '2,5' },
    });
    await waitFor(() =>
      expect(sent(backend)).toEqual([
        {
          balance_thresholds: [
            { amount: '10.00', currency: 'CNY' },
            { amount: '2.5', currency: 'USD' },
          ],
        },
      ]),
    );
    await fireEvent.change(screen.getByLabelText(/falls below \(¥\)/), { target: { value: '' } });
    await waitFor(() => expect(JSON.stringify(sent(backend).at(-1))).not.toContain('CNY'));
  });

  test('further homes are a folder a line, and prices in a currency of choice', async () => {
    const { backend } = await show(Settings);
    await fireEvent.change(screen.getByLabelText(/Additional folders/), {
      target: { value: ' /srv/a \n\n/srv/b' },
    });
    await waitFor(() => expect(sent(backend)).toEqual([{ log_homes: ['/srv/a', '/srv/b'] }]));
    await fireEvent.change(screen.getByLabelText(/^Projects hidden in exports/), {
      target: { value: 'client-*\n\n 浮标 \n' },
    });
    await waitFor(() =>
      expect(sent(backend).at(-1)).toEqual({ hidden_projects: ['client-*', '浮标'] }),
    );
    const currency = screen.getByLabelText('Currency of prices');
    await fireEvent.change(currency, { target: { value: 'CNY' } });
    await fireEvent.change(currency, { target: { value: '' } });
    await waitFor(() =>
      expect(sent(backend).slice(2)).toEqual([{ worth_currency: 'CNY' }, { worth_currency: null }]),
    );
  });

  test('the language switches at once', async () => {
    const { container } = await show(Settings);
    await fireEvent.click(screen.getByRole('button', { name: '简体中文' }));
    await waitFor(() => expect(container.querySelector('h1')?.textContent).toBe('设置'));
    expect(document.documentElement.lang).toBe('zh-CN');
  });

  test('a zone is found by a part of its name', async () => {
    const { backend } = await show(Settings);
    const field = screen.getByRole('combobox', { name: 'Time zone' });
    await fireEvent.focus(field);
    await fireEvent.input(field, { target: { value: 'los an' } });
    const list = screen.getByRole('listbox');
    expect(
      within(list)
        .getAllByRole('option')
        .map((option) => option.textContent?.trim()),
    ).toEqual(['America/Los Angeles']);
    await fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() => expect(sent(backend)).toEqual([{ timezone: 'America/Los_Angeles' }]));
  });
});

describe('the window', () => {
  test('the first start welcomes, and a key brings the overview', async () => {
    const backend = new FixtureBackend(fixture.overview({ accounts: [] }));
    const session = await begin(backend);
    render(App, { session });
    await screen.findByRole('heading', { name: 'Welcome to Tidemark' }, { timeout: 5000 });
    await fireEvent.click(screen.getByRole('button', { name: 'Open sample data' }));
    expect(backend.actions).toEqual(['demo']);
    backend.overview = fixture.overview();
    backend.tell({ event: 'overview' });
    await screen.findByRole('heading', { name: 'Overview' });
  });

  test('keys: pages, help, but not while typing', async () => {
    const backend = new FixtureBackend();
    const session = await begin(backend);
    const { container } = render(App, { session });
    await screen.findByRole('heading', { name: 'Overview' });
    await fireEvent.keyDown(window, { key: '6' });
    await screen.findByRole('heading', { name: 'Settings' }, { timeout: 5000 });
    await fireEvent.keyDown(screen.getByLabelText('Notify at (% used)'), { key: '1' });
    expect(route.page).toBe('settings');
    await fireEvent.keyDown(window, { key: '?' });
    await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
    expect(await audit(container)).toEqual([]);
  });

  test('an agent that went away is said, and comes back by itself', async () => {
    vi.useFakeTimers();
    let there = false;
    const backend = new FixtureBackend(undefined, {
      'GET /v1/overview': () => {
        if (!there) throw ApiFailure.unreachable('no socket');
        return fixture.overview();
      },
    });
    const session = await begin(backend);
    render(App, { session });
    await vi.advanceTimersByTimeAsync(10);
    expect(screen.getByRole('alert').textContent).toContain('The agent does not respond');
    await fireEvent.click(screen.getByRole('button', { name: 'Start the agent' }));
    expect(backend.actions).toEqual(['start']);
    there = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(session.connection).toBe('connected');
    expect(screen.getByRole('heading', { name: 'Overview' })).toBeTruthy();
  });

  test('many events of one moment are one question', async () => {
    vi.useFakeTimers();
    const backend = new FixtureBackend();
    await begin(backend);
    await vi.advanceTimersByTimeAsync(10);
    const before = backend.sent('GET', '/v1/overview').length;
    for (let index = 0; index < 20; index += 1) backend.tell({ event: 'overview' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(backend.sent('GET', '/v1/overview').length - before).toBe(1);
  });

  test('a notification that was clicked shows its account', async () => {
    const backend = new FixtureBackend();
    const session = await begin(backend);
    const { container } = render(App, { session });
    await screen.findByRole('heading', { name: 'Overview' });
    backend.tell({ event: 'show', account_id: 3 });
    await waitFor(() =>
      expect(container.querySelector('.highlighted h2')?.textContent).toBe('Batch jobs'),
    );
    await waitFor(() => expect(document.activeElement?.id).toBe('account-3'));
  });
});

test.each([
  ['#/history?by=day', 'history', 'day'],
  ['#/nowhere', 'overview', null],
  ['', 'overview', null],
  ['#/findings', 'findings', null],
])('the address %j is the page %s', (hash, page, by) => {
  const place = parse(hash);
  expect([place.page, place.query.get('by')]).toEqual([page, by]);
});
