import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import { explanationParts } from '../chart/quota-bars';
import History from '../pages/History.svelte';
import { parse, route } from '../state/route.svelte';
import { FixtureBackend, failWith } from './fixture-backend';
import { audit, resetPage, renderPage } from './render';

beforeEach(resetPage);

/** The questions for the span that is shown; those for all that is known begin at the first reading. */
const spans = (backend: FixtureBackend): string[] =>
  backend.requests
    .map((one) => one.path)
    .filter((path) => path.startsWith('/v1/history') && !/from=2026-06-0[23]/.test(path));
const slider = (within_: HTMLElement): HTMLElement => within(within_).getByRole('slider');
const said = (of: HTMLElement): string => of.getAttribute('aria-valuetext') ?? '';

describe('History', () => {
  test('each series has a chart with a table, and units are never added up', async () => {
    route.replace({ account: 'all' });
    location.hash = '#/history?account=all';
    route.place = parse(location.hash);
    const { container } = await renderPage(History);
    await waitFor(() => expect(container.querySelectorAll('.panel').length).toBeGreaterThan(6));
    const month = screen.getByRole('region', { name: 'Monthly quota, Work' });
    expect(slider(month).getAttribute('aria-valuemax')).toBe('29');
    expect(screen.queryByRole('region', { name: /^Kimi Code/ })).toBeNull();
    await fireEvent.click(within(month).getByRole('button', { name: 'Table' }));
    expect(within(month).getAllByRole('row')).toHaveLength(31);
    expect(
      within(month)
        .getAllByRole('row')
        .filter((row) => row.querySelector('td')?.textContent === '–'),
    ).toHaveLength(2);
    expect(await audit(month)).toEqual([]);
  });

  test('explanations and findings are in figures, bars, table and links', async () => {
    await renderPage(History);
    const month = await screen.findByRole('region', { name: 'Monthly quota, Work' });
    expect(month.textContent).toMatch(/Explained\s*\d+(\.\d)? points\s*/);
    expect(month.textContent).toMatch(/Unexplained\s*\d+(\.\d)? points\s*\(in 2 events\)/);
    // The bar and its sums say how much is explained, and nothing else does.
    expect(month.textContent).not.toContain('match local usage');
    expect(
      within(month)
        .getByRole('link', { name: /Unexplained deduction · 12\.5 points/ })
        .getAttribute('href'),
    ).toBe('#/findings?finding=8');
    expect(month.querySelector('[data-layer="not"]')?.getAttribute('d')).not.toBe('');
    expect(month.querySelector('.flag.over')).not.toBeNull();
    expect(said(slider(month))).toMatch(
      /^Sunday, November 22, 2026, .*Unexplained deduction · Monthly quota.*, Plan changed, Incident: Quota/,
    );
    // Another series' finding does not mark this one.
    expect(said(slider(month))).not.toContain('Emptied at once');
    await fireEvent.click(within(month).getByRole('button', { name: 'Table' }));
    expect(within(month).getByRole('table').textContent).toMatch(
      /Explained 0.\d points|Explained \d/,
    );
  });

  test('a share of the month stands beside the sum that it is of, in one unit', async () => {
    await renderPage(History);
    const month = await screen.findByRole('region', { name: 'Monthly quota, Work' });
    const [sum, code] = [...month.querySelectorAll('.sums > div')].map((one) =>
      (one.textContent ?? '').replaceAll(/\s+/g, ' ').trim(),
    );
    const [, all = ''] = /^Deducted ([\d.]+) points$/.exec(sum ?? '') ?? [];
    const [, part = ''] = /^of which Kimi Code ([\d.]+) points$/.exec(code ?? '') ?? [];
    expect(Number(all)).toBeGreaterThan(10);
    expect(Number(part)).toBeGreaterThan(1);
    expect(Number(part)).toBeLessThanOrEqual(Number(all));
    const five = await screen.findByRole('region', { name: '5-hour quota, Work' });
    const amounts = [...five.querySelectorAll('.legend b')].map((one) => one.textContent);
    expect(amounts.length).toBeGreaterThan(1);
    for (const amount of amounts) expect(amount).toMatch(/^[\d.]+ windows$/);
    expect(said(slider(five))).toMatch(/Deducted: [\d.]+ windows/);
  });

  test('a verdict has one pattern in bar, legend and chart', async () => {
    await renderPage(History);
    const month = await screen.findByRole('region', { name: 'Monthly quota, Work' });
    const patterns = (where: string): string[] =>
      [...month.querySelectorAll(where)].map((one) =>
        (one.getAttribute('fill') ?? '').replace(/^url\(#[^-]+-(.*)\)$/, '$1'),
      );
    const bar = patterns('.stack rect.layer');
    expect(bar).toContain('not');
    expect(bar).toEqual(patterns('.explanation .legend rect.layer'));
    expect(patterns('.plot path[data-layer="not"]')).toEqual(['not']);
  });

  test('an anomaly leads down to its bar', async () => {
    await renderPage(History);
    const month = await screen.findByRole('region', { name: 'Monthly quota, Work' });
    const leads = [...month.querySelectorAll('.plot .lead')];
    expect(leads.length).toBeGreaterThan(0);
    for (const lead of leads) expect(lead.getAttribute('d')).toMatch(/^M[\d.]+ [\d.]+V[\d.]+$/);
  });

  test('the parts of every chart add up to what was deducted', async () => {
    await renderPage(History);
    const history = fixture.history('day', '2026-10-24', '2026-11-23', 1);
    for (const one of history.series) {
      for (const point of one.points) {
        const sum = explanationParts(point).reduce((all, part) => all + part, 0);
        expect(sum).toBeCloseTo(point.deducted ?? 0, 1);
      }
    }
  });

  test('no text says more than 100 % of a quota', async () => {
    const { container } = await renderPage(History);
    await screen.findByRole('region', { name: 'Monthly quota, Work' });
    for (const button of screen.getAllByRole('button', { name: 'Table' })) {
      await fireEvent.click(button);
    }
    expect(container.textContent).toMatch(/\d windows/);
    for (const one of container.querySelectorAll('td, dd, b, text, .muted')) {
      for (const [, number] of (one.textContent ?? '').matchAll(/([\d.,]+)%/g)) {
        expect(Number(number?.replaceAll(',', ''))).toBeLessThanOrEqual(100);
      }
    }
  });

  test('arrow keys move between bars, and the tooltip follows', async () => {
    const { container } = await renderPage(History);
    await waitFor(() => expect(container.querySelector('.chart')).not.toBeNull());
    const chart = container.querySelector('.chart') as HTMLElement;
    expect(container.querySelectorAll('.chart [tabindex="0"]')).toHaveLength(0);
    chart.focus();
    await fireEvent.keyDown(chart, { key: 'ArrowLeft' });
    await waitFor(() => expect(chart.querySelector('.tip')?.textContent).toContain('Saturday'));
    await fireEvent.keyDown(chart, { key: 'Home' });
    expect(chart.getAttribute('aria-valuenow')).toBe('0');
    expect(said(chart)).toContain('October 24');
  });

  test('Enter opens a bar with its sessions, and the focus stays on the chart', async () => {
    const { backend } = await renderPage(History);
    const five = await screen.findByRole('region', { name: '5-hour quota, Work' });
    const chart = slider(five);
    chart.focus();
    await fireEvent.keyDown(chart, { key: 'Enter' });
    const details = await within(five).findByRole('region', { name: /November 22/ });
    await waitFor(() => expect(details.textContent).toContain('tidewater'));
    expect(document.activeElement).toBe(chart);
    expect(backend.requests.map((one) => one.path)).toContain(
      '/v1/usage/sessions?from=2026-11-21T16%3A00%3A00.000Z&to=2026-11-22T16%3A00%3A00.000Z&account=1',
    );
    // Which session took about how much of the deduction.
    expect(within(details).getAllByRole('row')[1]?.textContent).toMatch(/≈ [\d.]+ \w+\s*46%/);
    expect(await audit(five)).toEqual([]);
    await fireEvent.keyDown(chart, { key: 'Escape' });
    await waitFor(() =>
      expect(within(five).queryByRole('region', { name: /November 22/ })).toBeNull(),
    );
  });

  test('zooming in by key shows a shorter span, and “back” the one before', async () => {
    const { container } = await renderPage(History);
    await waitFor(() => expect(container.querySelector('.chart')).not.toBeNull());
    const chart = container.querySelector('.chart') as HTMLElement;
    chart.focus();
    await fireEvent.keyDown(chart, { key: '+' });
    const back = await screen.findByRole('button', { name: 'Back to 30 days' });
    expect(route.place.query.get('span')).toBe('custom');
    expect(document.activeElement).toBe(chart);
    await fireEvent.click(back);
    await waitFor(() => expect(route.place.query.get('span')).toBeNull());
    expect(screen.queryByRole('button', { name: /^Back to/ })).toBeNull();
  });

  test('the level and the running total are drawn on demand', async () => {
    const { backend } = await renderPage(History);
    const month = await screen.findByRole('region', { name: 'Monthly quota, Work' });
    await fireEvent.click(within(month).getByRole('button', { name: 'Level' }));
    // So many values are an area.
    await waitFor(() => expect(month.querySelector('path.band')?.getAttribute('d')).not.toBe(''));
    expect(
      backend.requests.some((one) => one.path.startsWith('/v1/levels?account=1&series=month')),
    );
    expect(month.textContent).toContain('Limit');
    await fireEvent.click(within(month).getByRole('button', { name: 'Running total' }));
    await waitFor(() =>
      expect(month.querySelector('path.level.before')?.getAttribute('d')).not.toBe(''),
    );
  });

  test('a chart can be saved as its table and as a drawing', async () => {
    const { backend } = await renderPage(History);
    const month = await screen.findByRole('region', { name: 'Monthly quota, Work' });
    for (const name of ['Table (CSV)', 'Drawing (SVG)']) {
      await fireEvent.click(within(month).getByRole('button', { name: 'Save' }));
      await fireEvent.click(within(month).getByRole('menuitem', { name }));
    }
    await waitFor(() => expect(backend.made).toHaveLength(2));
    expect(backend.made.map((one) => one.name)).toEqual([
      'tidemark-chart-month-Work.csv',
      'tidemark-chart-month-Work.svg',
    ]);
  });

  test('calendar, cycles, comparison and hours are views of the same account, without faults', async () => {
    await renderPage(History);
    const open = async (view: string): Promise<HTMLElement> => {
      await fireEvent.click(screen.getByRole('button', { name: view }));
      // It is loaded when it is opened.
      return screen.findByRole('region', { name: `${view}: Work` }, { timeout: 15_000 });
    };
    await screen.findByRole('region', { name: '5-hour quota, Work' });
    let closer = await open('Calendar');
    expect(screen.queryByRole('region', { name: '5-hour quota, Work' })).toBeNull();
    // They are of all that is known.
    expect(screen.queryByRole('button', { name: '30 days' })).toBeNull();
    const calendar = await within(closer).findByRole('grid', {
      name: /Deducted: 5-hour quota, 2026/,
    });
    // One stop, from the first reading until today; a day without data is not a day of nothing.
    expect(calendar.querySelectorAll('[tabindex="0"]')).toHaveLength(1);
    expect(calendar.querySelectorAll('[data-day]')).toHaveLength(173);
    expect(within(calendar).getAllByRole('gridcell', { name: /No data/ }).length).toBeGreaterThan(
      5,
    );
    expect(await audit(closer)).toEqual([]);

    closer = await open('Cycles');
    const cycles = await within(closer).findByRole('region', { name: /Cycles: 5-hour quota/ });
    await waitFor(() => expect(within(cycles).getAllByRole('row').length).toBeGreaterThan(20));
    expect(cycles.textContent).toContain('Still running');
    expect(closer.textContent).toMatch(/November 2026\s*\d+/);
    expect(await audit(closer)).toEqual([]);

    closer = await open('Compare');
    await waitFor(() => expect(closer.textContent).toContain('tidewater'));
    const heads = within(closer).getAllByRole('columnheader');
    expect(heads.map((one) => one.textContent)).toEqual([
      'What',
      'Oct 24 – Nov 22',
      'Sep 24 – Oct 23',
      'Change',
    ]);
    expect(await audit(closer)).toEqual([]);

    closer = await open('Hours');
    await waitFor(() => expect(within(closer).getAllByRole('gridcell')).toHaveLength(168));
    expect(await audit(closer)).toEqual([]);
  });

  test('the headings of a single account are in order, though its name is not shown', async () => {
    const [work] = fixture.cards();
    const { container } = await renderPage(
      History,
      new FixtureBackend(fixture.overview({ accounts: work === undefined ? [] : [work] }), {
        'GET /v1/history': () => fixture.history('day', '2026-10-24', '2026-11-23', 1),
      }),
    );
    await screen.findByRole('region', { name: /^5-hour quota/ });
    expect(container.querySelector('h2')?.className).toContain('visually-hidden');
    expect(await audit(container)).toEqual([]);
  });

  test('a day of the calendar shows that day', async () => {
    await renderPage(History);
    await fireEvent.click(await screen.findByRole('button', { name: 'Calendar' }));
    const calendar = await screen.findByRole(
      'grid',
      { name: /5-hour quota, 2026/ },
      { timeout: 15_000 },
    );
    await fireEvent.click(calendar.querySelector('[data-day="2026-10-12"]') as HTMLElement);
    await waitFor(() => expect(route.place.query.get('from')).toBe('2026-10-12'));
    expect(route.place.query.get('to')).toBe('2026-10-12');
    await screen.findByRole('button', { name: 'Back to 30 days' });
    await screen.findByRole('region', { name: '5-hour quota, Work' });
  });

  test('chosen days stand in the reader’s language, and are taken when they are complete', async () => {
    location.hash = '#/history?span=custom&from=2026-11-02&to=2026-11-20';
    route.place = parse(location.hash);
    const { container } = await renderPage(History);
    await waitFor(() => expect(container.querySelector('.panel')).not.toBeNull());
    const shown = (): string[] =>
      [...container.querySelectorAll('.shown')].map((one) => one.textContent ?? '');
    expect(shown()).toEqual(['Nov 2, 2026', 'Nov 20, 2026']);
    const from = screen.getByLabelText('From');
    await fireEvent.focus(from);
    // A year that is being typed is no range yet.
    await fireEvent.input(from, { target: { value: '0002-11-05' } });
    expect(route.place.query.get('from')).toBe('2026-11-02');
    await fireEvent.change(from, { target: { value: '2026-11-05' } });
    expect(route.place.query.get('from')).toBe('2026-11-05');
    await fireEvent.blur(from);
    expect(shown()[0]).toBe('Nov 5, 2026');
  });

  test('time ranges are whole days in the pinned time zone', async () => {
    const { backend, container } = await renderPage(History);
    await waitFor(() => expect(container.querySelector('.panel')).not.toBeNull());
    expect(spans(backend).at(-1)).toBe(
      '/v1/history?by=day&from=2026-10-24&to=2026-11-23&account=1',
    );
    await fireEvent.click(screen.getByRole('button', { name: '12 months' }));
    await waitFor(() =>
      expect(spans(backend).at(-1)).toBe(
        '/v1/history?by=month&from=2025-12-01&to=2026-11-23&account=1',
      ),
    );
    await fireEvent.click(screen.getByRole('button', { name: '7 days' }));
    await waitFor(() => expect(spans(backend).at(-1)).toContain('by=day&from=2026-11-16'));
    await fireEvent.click(screen.getByRole('button', { name: '90 days' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Week' }));
    // Weeks begin on Monday, and are given whole.
    await waitFor(() => expect(spans(backend).at(-1)).toContain('by=day&from=2026-08-24'));
  });

  test('nothing is drawn of the time before the first reading', async () => {
    const { container } = await renderPage(History);
    await waitFor(() => expect(container.querySelector('.panel')).not.toBeNull());
    await fireEvent.click(screen.getByRole('button', { name: '12 months' }));
    const month = await screen.findByRole('region', { name: 'Monthly quota, Work' });
    await waitFor(() => expect(slider(month).getAttribute('aria-valuemax')).toBe('5'));
    expect(month.textContent).not.toContain('No data');
  });

  test('an empty history and a failure each have a message', async () => {
    const nothing = new FixtureBackend(undefined, {
      'GET /v1/history': () => ({
        ...fixture.history('day', '2026-11-01', '2026-11-02', 1),
        series: [],
      }),
    });
    const { container } = await renderPage(History, nothing);
    await waitFor(() => expect(container.textContent).toContain('No data in this time range'));
    const broken = await renderPage(
      History,
      new FixtureBackend(undefined, { 'GET /v1/history': failWith('database', 500) }),
    );
    await waitFor(() => expect(broken.container.textContent).toContain('could not be read'));
  });

  test('another zone loads the days of that zone', async () => {
    const place = '#/history?span=custom&account=1&from=2026-11-01&to=2026-11-10&by=day';
    route.place = parse(place);
    const { backend } = await renderPage(History);
    const asked = (): number => spans(backend).length;
    await waitFor(() => expect(asked()).toBe(1));
    backend.answers['GET /v1/settings'] = () => ({
      ...fixture.settings(),
      timezone: 'America/New_York',
    });
    backend.emit({ event: 'settings' });
    await waitFor(() => expect(asked()).toBe(2));
  });
});
