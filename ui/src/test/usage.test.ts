import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import type { Usage } from '../api/types';
import { byFolder, worthText } from '../chart/usage';
import { compact } from '../format/number';
import UsagePage from '../pages/Usage.svelte';
import { parse, route } from '../state/route.svelte';
import { FixtureBackend, failWith } from './fixture-backend';
import { audit, resetPage, renderPage } from './render';

beforeEach(resetPage);

/** The questions for the span that is shown; those for all that is known begin five years ago. */
const spans = (backend: FixtureBackend): string[] =>
  backend.requests.map((one) => one.path).filter((path) => !path.includes('from=2021-'));

describe('Usage', () => {
  const withUsage = (given: Partial<Usage>): FixtureBackend =>
    new FixtureBackend(undefined, {
      'GET /v1/usage': () => fixture.usage('day', '2026-10-24', '2026-11-23', given),
    });

  test('tokens and worth are shown by day, each with a table', async () => {
    const { backend } = await renderPage(UsagePage);
    const tokens = await screen.findByRole('region', { name: 'Tokens' });
    expect(spans(backend).at(-1)).toBe('/v1/usage?by=day&from=2026-10-24&to=2026-11-23');
    const slider = within(tokens).getByRole('slider');
    expect(slider.getAttribute('aria-valuemax')).toBe('29');
    expect(slider.getAttribute('aria-valuetext')).toMatch(/2026, Tokens: /);
    await fireEvent.click(within(tokens).getByRole('button', { name: 'Table' }));
    const rows = within(tokens).getAllByRole('row');
    expect(rows).toHaveLength(31);
    // The exact counts add up to the fixture's total.
    const counts = rows.slice(1).map((row) => row.querySelector('td')?.textContent ?? '');
    const sum = counts.reduce((all, text) => all + Number(text.replaceAll(',', '')), 0);
    const answer = fixture.usage('day', '2026-10-24', '2026-11-23');
    expect(sum).toBe(answer.totals.total);
    expect(await audit(tokens)).toEqual([]);

    const worth = screen.getByRole('region', { name: 'Value' });
    expect(worth.textContent).toContain('Estimated from the open platform’s public prices');
    expect(worth.textContent).toMatch(/No public price\s*7\.\d+M/);
    // What it is of stands beside it: a lower bound, with its reason.
    expect(worth.querySelector('.main dd')?.textContent).toMatch(/^≥ \$/);
    expect(worth.textContent).toMatch(
      /At least \$[\d.]+, for 9\d(\.\d)?% of the tokens\. No public price: kimi-k3-preview \(7\.\d+M\)/,
    );
    expect(worth.textContent).toMatch(/The cache saved \$\d/);
    expect(worth.textContent).toMatch(
      /Work: worth about ¥[\d.]+, [\d.]+ × the price of Allegretto \(¥199\.00\)\./,
    );
  });

  test('the worth of a model without a price is unknown, and the model is named', async () => {
    const day = fixture.use(40, 2_000_000, false);
    const { container } = await renderPage(
      UsagePage,
      withUsage({
        totals: day,
        used: fixture.usage('day', '2026-10-24', '2026-11-23').used.map(() => day),
        models: [{ name: 'kimi-k3-preview', use: day, totals: [] }],
        unpriced: [{ name: 'kimi-k3-preview', requests: 40, tokens: 2_000_000 }],
      }),
    );
    const worth = await screen.findByRole('region', { name: 'Value' });
    expect(worth.querySelector('.main dd')?.textContent).toBe('–');
    expect(within(worth).getByRole('slider').getAttribute('aria-valuetext')).toContain('Value: –');
    const model = screen.getByRole('button', { name: /^kimi-k3-preview/ });
    expect(model.textContent).toContain('No public price');
    expect(container.textContent).toContain('kimi-k3-preview (2M)');
    expect(worth.textContent).not.toMatch(/\$0/);
  });

  test('bars are split by kind of token, model, project, program and machine', async () => {
    await renderPage(UsagePage);
    const tokens = await screen.findByRole('region', { name: 'Tokens' });
    const split = within(tokens).getByRole<HTMLSelectElement>('combobox', { name: 'Split by' });
    const layers = (): string[] =>
      [...tokens.querySelectorAll('[data-layer]')].map(
        (one) => one.getAttribute('data-layer') ?? '',
      );
    expect(layers()).toEqual(['cache-read', 'input', 'output']);
    await fireEvent.change(split, { target: { value: 'models' } });
    await waitFor(() => expect(layers()[0]).toBe('models kimi-k2.5'));
    const legend = within(tokens).getByRole('list', { name: 'Legend' });
    expect(legend.textContent).toContain('kimi-k2-thinking');
    await fireEvent.change(split, { target: { value: 'projects' } });
    // Ten projects: five of their own, and all others together.
    await waitFor(() => expect(layers()).toHaveLength(6));
    expect(legend.textContent).toContain('Others');
    expect(await audit(tokens)).toEqual([]);
  });

  test('a selected model is drawn inside the bars, until it is selected again', async () => {
    await renderPage(UsagePage);
    const tokens = await screen.findByRole('region', { name: 'Tokens' });
    const model = screen.getByRole('button', { name: /^kimi-k2-thinking/ });
    const inner = (): string =>
      tokens.querySelector('[data-layer="inner"]')?.getAttribute('d') ?? '';
    expect(inner()).toBe('');
    await fireEvent.click(model);
    await waitFor(() => expect(inner().match(/M/g)?.length).toBeGreaterThan(15));
    expect(tokens.textContent).toMatch(/of which kimi-k2-thinking\s*[\d.]+M/);
    expect(model.getAttribute('aria-pressed')).toBe('true');
    await fireEvent.click(model);
    await waitFor(() => expect(inner()).toBe(''));
  });

  test('projects are listed by folder, more on demand, and unassigned usage is a row of its own', async () => {
    const { container } = await renderPage(UsagePage);
    const tidewater = await screen.findByRole('button', { name: /^tidewater \/home/ });
    const projects = tidewater.closest('section') as HTMLElement;
    expect(within(projects).getAllByRole('listitem')).toHaveLength(8);
    await fireEvent.click(within(projects).getByRole('button', { name: 'Show all 10' }));
    await waitFor(() => expect(within(projects).getAllByRole('listitem')).toHaveLength(10));
    expect(projects.textContent).toContain('Unknown project');
    expect(projects.textContent).toContain('浮标 C:\\Users');
    expect(container.textContent).toContain('Unassigned The logs do not name an account.');
  });

  test('projects of one folder’s name are one, with its folders on demand', async () => {
    const [one, two] = fixture.usage('day', '2026-10-24', '2026-11-23').projects;
    if (one === undefined || two === undefined) throw new Error('no projects');
    const named = (name: string, of: typeof one): typeof one => ({ ...of, name });
    const paths = ['/home/lin/harbour', 'C:\\src\\harbour', '/srv/harbour/'];
    await renderPage(
      UsagePage,
      withUsage({
        projects: [...paths.slice(0, 2).map((path) => named(path, one)), named('/srv/try', two)],
      }),
    );
    const harbour = await screen.findByRole('button', { name: /^harbour 2 folders/ });
    expect(harbour.textContent).not.toContain('/home');
    expect(harbour.querySelectorAll('.bar i')).toHaveLength(2);
    expect(harbour.textContent).toContain(compact(2 * one.use.total));
    await fireEvent.click(harbour);
    await waitFor(() => expect(harbour.closest('li')?.textContent).toContain('/home/lin/harbour'));
    const [all] = byFolder(paths.slice(0, 2).map((path) => named(path, one)));
    expect(all?.totals).toEqual(one.totals.map((tokens) => 2 * tokens));
    expect(all?.use.requests).toBe(2 * one.use.requests);
  });

  test.each([
    [{ unpriced_tokens: 0 }, '≈ $3.00'],
    [{ unpriced_tokens: 5 }, '≥ $3.00'],
    [{ worth: null }, 'No public price'],
  ])('what %o is worth is %s', (given, text) => {
    const worth = { amount: '3', currency: 'USD' };
    expect(worthText({ ...fixture.use(1, 10), worth, ...given })).toBe(text);
  });

  test('usage is listed by program, and each account names the programs it was seen from', async () => {
    const { container } = await renderPage(UsagePage);
    const title = await screen.findByRole('heading', { name: 'By program' });
    const programs = title.closest('section') as HTMLElement;
    expect(within(programs).getAllByRole('listitem')).toHaveLength(3);
    expect(programs.textContent).toMatch(/Kimi Code.*OpenCode.*Claude Code/i);
    expect(container.textContent).toContain(
      'Work Kimi Code, Claude Code · desk, 笔记本, nightly-evaluation',
    );
    const logs = screen.getByRole('heading', { name: 'Session logs' }).closest('section');
    expect(logs?.textContent).toMatch(/No logs found from.*codex, qwen[- ]code, goose/i);
  });

  test('the filter offers each account, all accounts, and unassigned usage', async () => {
    const { backend } = await renderPage(UsagePage);
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
      await waitFor(() => expect(spans(backend).at(-1)).toBe(path));
      expect(chosen()).toBe(name);
      // Shares by account are only shown for all accounts.
      expect(screen.queryByRole('heading', { name: 'By account' }) === null).toBe(value !== '');
    }
  });

  test('the filter offers each machine, and shares by machine are shown for all machines', async () => {
    const { backend } = await renderPage(UsagePage);
    const choice = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'Machine' });
    expect([...choice.options].map((one) => one.text)).toEqual([
      'All machines',
      'desk (This machine)',
      '笔记本',
      'nightly-evaluation',
      'old laptop',
    ]);
    const list = (await screen.findByRole('heading', { name: 'By machine' })).closest('section');
    const rows = within(list as HTMLElement).getAllByRole('button');
    expect(rows.map((one) => /^\s*(\S+)/.exec(one.textContent ?? '')?.[1])).toEqual([
      'desk',
      '笔记本',
      'nightly-evaluation',
    ]);
    expect(rows[0]?.textContent).toContain('This machine');
    await waitFor(() => {
      expect(rows[1]?.textContent).toContain('Later deductions cannot be explained from its logs.');
      expect(rows[2]?.textContent).toContain('Last seen 6 min ago');
    });
    expect(await audit(list as HTMLElement)).toEqual([]);
    for (const [value, asked] of [
      ['this', '&machine=this'],
      ['2', '&machine=2'],
      ['', ''],
    ]) {
      await fireEvent.change(choice, { target: { value } });
      const path = `/v1/usage?by=day&from=2026-10-24&to=2026-11-23${asked}`;
      await waitFor(() => expect(spans(backend).at(-1)).toBe(path));
      expect(choice.value).toBe(value);
      expect(screen.queryByRole('heading', { name: 'By machine' }) === null).toBe(value !== '');
    }
  });

  test('where only this machine is known, machines are neither listed nor offered', async () => {
    const [desk] = fixture.usage('day', '2026-10-24', '2026-11-23').machines;
    const backend = withUsage({ machines: desk === undefined ? [] : [desk] });
    backend.answers['GET /v1/machines'] = () => ({
      ...fixture.machines(),
      machines: [],
      exchanges: [],
    });
    await renderPage(UsagePage, backend);
    await screen.findByRole('heading', { name: 'By account' });
    await waitFor(() => expect(backend.sent('GET', '/v1/machines')).toHaveLength(1));
    expect(screen.queryByRole('combobox', { name: 'Machine' })).toBeNull();
    expect(screen.queryByRole('heading', { name: 'By machine' })).toBeNull();
  });

  test('a machine in the address that is not known any more can be left', async () => {
    location.hash = '#/use?machine=99';
    route.place = parse(location.hash);
    await renderPage(UsagePage);
    const choice = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'Machine' });
    expect(choice.selectedOptions[0]?.text).toBe('unknown');
  });

  test('rates are shown with the limits of their account, and a share only where there is a limit', async () => {
    const { accounts } = fixture.usage('day', '2026-10-24', '2026-11-23');
    const busy = accounts.map((one) => ({ ...one, rates: accounts[0]?.rates ?? one.rates }));
    await renderPage(
      UsagePage,
      withUsage({ accounts: [...accounts.slice(0, 2), ...busy.slice(2)] }),
    );
    const title = await screen.findByRole('heading', { name: 'Rates and limits' });
    const rates = title.closest('details') as HTMLDetailsElement;
    // What is near its limit is said where the rates are folded.
    expect(rates.open).toBe(false);
    expect(rates.querySelector('summary')?.textContent).toContain('Near a limit: ');
    rates.open = true;
    const batch = within(rates)
      .getByRole('heading', { name: 'Batch jobs' })
      .closest('section') as HTMLElement;
    const cells = (limit: string): string[] =>
      [...(within(batch).getByRole('rowheader', { name: limit }).parentElement?.children ?? [])]
        .slice(1)
        .map((cell) => (cell.textContent ?? '').replaceAll(/\s+/g, ' ').trim());
    expect(cells('Concurrency')).toEqual(['40 80%', '44 88%', '48 96%', '50']);
    expect(cells('RPM')).toEqual(['38 19%', '41 20.5%', '41 20.5%', '200']);
    expect(cells('TPD').slice(0, 2)).toEqual(['', '']);
    expect(cells('TPD')[2]).toMatch(/^[\d.]+[KM]$/);
    expect([...batch.querySelectorAll('.over')].map((chip) => chip.textContent)).toEqual(['96%']);
    // Without a limit, a rate says nothing.
    expect(rates.textContent).toContain('No limits known: Unassigned');
    expect(within(rates).queryByRole('heading', { name: 'Unassigned' })).toBeNull();
  });

  test('the busiest hours are a grid that arrow keys move in, and a table of numbers', async () => {
    await renderPage(UsagePage);
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

  test('events reload the usage, one request at a time', async () => {
    const waiting: (() => void)[] = [];
    let requests = 1;
    const backend = new FixtureBackend(undefined, {
      'GET /v1/usage': ({ path }) =>
        // What is asked for once, for the strips, does not count.
        path.includes('from=2021-')
          ? fixture.usage('day', '2026-11-20', '2026-11-23')
          : new Promise((done) =>
              waiting.push(() =>
                done(
                  fixture.usage('day', '2026-11-20', '2026-11-23', {
                    totals: fixture.use(requests, 1000),
                  }),
                ),
              ),
            ),
    });
    const { session, container } = await renderPage(UsagePage, backend);
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

  test('the first scan shows its progress', async () => {
    await renderPage(UsagePage, withUsage(fixture.USAGE.scanning));
    const bar = (await screen.findByRole('progressbar')) as HTMLProgressElement;
    expect(bar.value / bar.max).toBeCloseTo(0.318, 2);
    expect(bar.parentElement?.textContent).toContain('402 of 1,284 files');
    expect(bar.parentElement?.textContent).toContain('Totals are incomplete');
  });

  test('missing folders and unreadable files are shown', async () => {
    const { container } = await renderPage(UsagePage, withUsage(fixture.USAGE.troubled));
    const path = await screen.findByText('/srv/agents/kimi-code');
    expect(path.closest('li')?.textContent).toContain('not found');
    for (const text of [
      /Unreadable lines\s*17/,
      /Unreadable files\s*2/,
      /invalid timestamp\s*3/,
      /cannot watch the logs/,
      /not counted\)\s*deepseek-v4 \(1\.9M\)/,
    ]) {
      expect(container.textContent).toMatch(text);
    }
  });

  test.each([
    ['no log was found', {}, 'No session logs yet'],
    ['nothing was read yet', { last_done: null }, 'have not been read yet'],
    ['there was no use', { homes: fixture.scan().homes }, 'No usage in this time range'],
  ])('where %s, a message says so and no zero is shown', async (_, given, text) => {
    const nothing = fixture.usageOfNothing('day', '2026-10-24', '2026-11-23');
    const { container } = await renderPage(
      UsagePage,
      withUsage({ ...nothing, scan: { ...nothing.scan, ...given } }),
    );
    await screen.findByText(new RegExp(text));
    expect(container.querySelector('.chart, table, .sums')).toBeNull();
  });

  test('a failure is shown until an event reloads the usage', async () => {
    const backend = new FixtureBackend(undefined, { 'GET /v1/usage': failWith('database', 500) });
    const { session } = await renderPage(UsagePage, backend);
    await screen.findByRole('alert');
    backend.answers = {};
    session.usageRevision += 1;
    await screen.findByRole('region', { name: 'Tokens' });
    expect(screen.queryByRole('alert')).toBeNull();
  });
});
