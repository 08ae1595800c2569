import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import History from '../pages/History.svelte';
import { parse, route } from '../state/route.svelte';
import { FixtureBackend, failWith } from './fixture-backend';
import { audit, resetPage, renderPage } from './render';

beforeEach(resetPage);

describe('History', () => {
  test('each series has a chart with a table, and units are never added up', async () => {
    route.replace({ account: 'all' });
    location.hash = '#/history?account=all';
    route.place = parse(location.hash);
    const { container } = await renderPage(History);
    await waitFor(() => expect(container.querySelectorAll('.panel').length).toBeGreaterThan(6));
    const month = screen.getByRole('region', { name: 'Monthly quota, Work' });
    expect(within(month).getAllByRole('button', { name: /Deducted: / })).toHaveLength(30);
    expect(within(month).getAllByRole('button', { name: /Deducted: No data/ })).toHaveLength(2);
    expect(screen.queryByRole('region', { name: /^Kimi Code/ })).toBeNull();
    await fireEvent.click(within(month).getByRole('button', { name: 'Table' }));
    expect(within(month).getAllByRole('row')).toHaveLength(31);
    expect(await audit(month)).toEqual([]);
  });

  test('verdicts and findings are in totals, bars, table and links', async () => {
    await renderPage(History);
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

  test('arrow keys move between bars, and the tooltip follows', async () => {
    const { container } = await renderPage(History);
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

  test('time ranges are whole days in the pinned time zone', async () => {
    const { backend, container } = await renderPage(History);
    await waitFor(() => expect(container.querySelector('.panel')).not.toBeNull());
    const paths = (): string[] =>
      backend.requests.filter((one) => one.path.startsWith('/v1/history')).map((one) => one.path);
    expect(paths().at(-1)).toBe('/v1/history?by=day&from=2026-10-24&to=2026-11-23&account=1');
    await fireEvent.click(screen.getByRole('button', { name: '12 months' }));
    await waitFor(() =>
      expect(paths().at(-1)).toBe('/v1/history?by=month&from=2025-12-01&to=2026-11-23&account=1'),
    );
    await fireEvent.click(screen.getByRole('button', { name: '7 days' }));
    await waitFor(() => expect(paths().at(-1)).toContain('by=day&from=2026-11-16'));
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
    const asked = (): number =>
      backend.requests.filter((one) => one.path.startsWith('/v1/history')).length;
    await waitFor(() => expect(asked()).toBe(1));
    backend.answers['GET /v1/settings'] = () => ({
      ...fixture.settings(),
      timezone: 'America/New_York',
    });
    backend.emit({ event: 'settings' });
    await waitFor(() => expect(asked()).toBe(2));
  });
});
