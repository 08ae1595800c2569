import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import App from '../App.svelte';
import { ApiFailure } from '../api/backend';
import { parse, route } from '../state/route.svelte';
import { shortcuts } from '../state/shortcuts.svelte';
import { parseTour } from '../state/tour.svelte';
import { failWith, FixtureBackend } from './fixture-backend';
import { audit, startSession, resetPage } from './render';

beforeEach(resetPage);

describe('the window', () => {
  test('the first start shows the welcome page, and a key leads to the overview', async () => {
    const backend = new FixtureBackend(fixture.overview({ accounts: [] }));
    const session = await startSession(backend);
    render(App, { session });
    await screen.findByRole('heading', { name: 'Welcome to Tidemark' }, { timeout: 5000 });
    // The cursor is where the key goes.
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('API key')));
    await fireEvent.click(screen.getByRole('button', { name: 'Open sample data' }));
    expect(backend.actions).toEqual(['demo']);
    backend.overview = fixture.overview();
    backend.emit({ event: 'overview' });
    await screen.findByRole('heading', { name: 'Overview' });
  });

  test('a browser asks for a token, and says of one that is not accepted that it is not', async () => {
    const open = async (hasToken: boolean): Promise<HTMLElement> => {
      const backend = new FixtureBackend(undefined, {
        'GET /v1/overview': failWith('token', 401),
        'GET /v1/settings': failWith('token', 401),
      });
      const given: [string, boolean][] = [];
      const signIn = (...one: [string, boolean]) => void given.push(one);
      const session = await startSession(Object.assign(backend, { signIn, hasToken }));
      const { container, unmount } = render(App, { session });
      const field = await screen.findByLabelText('Token', {}, { timeout: 5000 });
      expect(field.classList).toContain('input');
      await fireEvent.input(field, { target: { value: ' abc ' } });
      await fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
      expect(given).toEqual([['abc', false]]);
      expect(await audit(container)).toEqual([]);
      const form = field.closest('form') as HTMLElement;
      unmount();
      return form;
    };
    expect((await open(false)).textContent).not.toContain('Invalid');
    const form = await open(true);
    expect(form.querySelector('[role=alert]')?.textContent).toContain('Invalid');
    expect(form.querySelector('input')?.getAttribute('aria-invalid')).toBe('true');
  });

  test('where every change is refused, nothing is offered that would make one', async () => {
    location.hash = '#/overview';
    route.place = parse(location.hash);
    const backend = Object.assign(new FixtureBackend(), { isReadOnly: true });
    const session = await startSession(backend);
    const { container } = render(App, { session });
    await screen.findByRole('article', { name: 'Work' });
    const acts = /Refresh|Pause|Try again|Replace key|Unlock the keyring|Resume/;
    expect(screen.queryAllByRole('button', { name: acts })).toEqual([]);
    expect(screen.queryAllByRole('link', { name: acts })).toEqual([]);
    await fireEvent.keyDown(document.body, { key: 'r' });
    route.go('findings');
    const entry = await screen.findByText('Weekly quota reset early', {}, { timeout: 15_000 });
    expect(screen.queryByRole('button', { name: 'Mark all as read' })).toBeNull();
    const details = entry.closest('details') as HTMLDetailsElement;
    details.open = true;
    details.dispatchEvent(new Event('toggle'));
    route.go('accounts');
    await waitFor(
      () => expect(container.querySelector('fieldset.controls')?.matches(':disabled')).toBe(true),
      { timeout: 15_000 },
    );
    expect(container.textContent).toContain('This page is read-only');
    // Nothing was sent but questions.
    expect(backend.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('a pasted key is recognised, tested by the first request, and leads to its figures', async () => {
    const backend = new FixtureBackend(fixture.overview({ accounts: [] }));
    const session = await startSession(backend);
    const { container } = render(App, { session });
    const field = await screen.findByLabelText('API key');
    const step = (): string | null | undefined =>
      container.querySelector('[aria-current=step]')?.textContent?.trim();
    expect(step()).toMatch(/Key$/);
    await fireEvent.input(field, { target: { value: 'sk-kimi-abcdef123456' } });
    expect(container.textContent).toContain('A Kimi Code key.');
    expect(step()).toMatch(/Test it$/);
    backend.overview = fixture.overview();
    await fireEvent.click(screen.getByRole('button', { name: 'Test and add' }));
    await waitFor(() => expect(document.activeElement?.id).toBe('account-1'));
    expect(await audit(container)).toEqual([]);
  });

  test('after the first start each page has one line, which goes away for good', async () => {
    localStorage.setItem('tidemark-tour', '["overview","history","use","findings"]');
    const session = await startSession(new FixtureBackend());
    const { unmount } = render(App, { session });
    const tips = () => screen.queryAllByRole('complementary', { name: 'Tip' });
    await waitFor(() => expect(tips()).toHaveLength(1));
    await fireEvent.click(screen.getByRole('button', { name: 'Got it' }));
    expect(tips()).toHaveLength(0);
    route.go('history');
    await waitFor(() => expect(tips()[0]?.textContent).toContain('How much of each quota'), {
      timeout: 5000,
    });
    // Leaving a page is enough.
    route.go('accounts');
    await waitFor(() => expect(tips()).toHaveLength(0));
    expect(localStorage.getItem('tidemark-tour')).toBe('["use","findings"]');
    route.go('findings');
    await fireEvent.click(await screen.findByRole('button', { name: 'No more tips' }));
    expect(localStorage.getItem('tidemark-tour')).toBe('[]');
    unmount();
  });

  test('a window that is not new has no tips', async () => {
    const session = await startSession(new FixtureBackend());
    render(App, { session });
    await screen.findByRole('heading', { name: 'Overview' });
    expect(screen.queryByRole('complementary')).toBeNull();
    expect(parseTour('{"a":1}')).toEqual([]);
    expect(parseTour('[')).toEqual([]);
    expect(parseTour('["nowhere","use"]')).toEqual(['use']);
  });

  test('single keys do nothing where they are switched off', async () => {
    localStorage.setItem('tidemark-shortcuts', 'off');
    shortcuts.read();
    onTestFinished(() => {
      localStorage.clear();
      shortcuts.read();
    });
    const session = await startSession(new FixtureBackend());
    render(App, { session });
    await screen.findByRole('heading', { name: 'Overview' });
    for (const key of ['3', 'r', '?']) await fireEvent.keyDown(window, { key });
    expect(route.page).toBe('overview');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(session.toast).toBeNull();
  });

  test('the first start offers Kimi Code’s local server before its login', async () => {
    const backend = new FixtureBackend(fixture.overview({ accounts: [] }), {
      'GET /v1/welcome': () => ({ ...fixture.welcome(), kimi_code_server: true }),
    });
    const session = await startSession(backend);
    const { container } = render(App, { session });
    await fireEvent.click(await screen.findByRole('button', { name: 'Use server' }));
    expect(screen.queryByRole('button', { name: 'Use login' })).toBeNull();
    await waitFor(() =>
      expect(backend.sent('POST', '/v1/accounts')).toMatchObject([
        { source: 'kimi-code', region: null, key: { kind: 'kimi-code-server' } },
      ]),
    );
    expect(await audit(container)).toEqual([]);
  });

  test('the first start does not ask about updates: the first numbers come first', async () => {
    const agent = fixture.agent({ update: fixture.unanswered() });
    const backend = new FixtureBackend(fixture.overview({ accounts: [], agent }));
    render(App, { session: await startSession(backend) });
    await screen.findByRole('heading', { name: /Welcome/ }, { timeout: 5000 });
    expect(screen.queryByText('Check for new versions of Tidemark?')).toBeNull();
  });

  test('a page without accounts says what will be here, and leads to the form', async () => {
    const backend = new FixtureBackend(fixture.overview({ accounts: [] }));
    route.go('findings');
    const { container } = render(App, { session: await startSession(backend) });
    await screen.findByRole('heading', { name: 'No accounts yet' });
    expect(screen.getByRole('link', { name: 'Add account' }).getAttribute('href')).toBe(
      '#/accounts?add=1',
    );
    // Controls of nothing are not there.
    expect(container.querySelector('main')?.textContent).not.toMatch(/Evidence report|Export/);
    expect(await audit(container)).toEqual([]);
  });

  test('without the agent nothing that it keeps can be changed', async () => {
    const session = await startSession(new FixtureBackend());
    route.go('accounts');
    render(App, { session });
    const menu = await screen.findByRole('button', { name: 'Actions for Work' }, { timeout: 5000 });
    expect(menu.closest('fieldset')).toHaveProperty('disabled', false);
    session.connection = 'lost';
    await waitFor(() => expect(menu.closest('fieldset')).toHaveProperty('disabled', true));
    const list = menu.closest('ul');
    // What was known stays, and says of when it is.
    expect(list?.textContent).toContain('Key invalid, as of 14:20');
    expect(list?.textContent).toContain('As of 14:20');
  });

  test('whether to check for new versions is asked until it is answered', async () => {
    const agent = fixture.agent({ update: fixture.unanswered() });
    const backend = new FixtureBackend(fixture.overview({ agent }));
    const session = await startSession(backend);
    const { container } = render(App, { session });
    await screen.findByText('Check for new versions of Tidemark?', undefined, { timeout: 5000 });
    expect(await audit(container)).toEqual([]);
    backend.overview = fixture.overview({
      agent: fixture.agent({ update: fixture.newerVersion() }),
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Don’t check' }));
    await waitFor(() =>
      expect(backend.sent('PATCH', '/v1/settings')).toEqual([{ check_updates: false }]),
    );
    await waitFor(() =>
      expect(screen.queryByText('Check for new versions of Tidemark?')).toBeNull(),
    );
    backend.emit({ event: 'overview' });
    await waitFor(() =>
      expect(screen.getByRole('link', { name: /^Settings/ }).textContent).toMatch(/1/),
    );
  });

  test('keys open pages and help, but not while typing', async () => {
    const backend = new FixtureBackend();
    const session = await startSession(backend);
    const { container } = render(App, { session });
    await screen.findByRole('heading', { name: 'Overview' });
    await fireEvent.keyDown(window, { key: '6' });
    await screen.findByRole('heading', { name: 'Settings' }, { timeout: 5000 });
    await fireEvent.keyDown(screen.getByLabelText('Notify when a quota reaches (% used)'), {
      key: '1',
    });
    expect(route.page).toBe('settings');
    await fireEvent.keyDown(window, { key: '?' });
    await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
    expect(await audit(container)).toEqual([]);
  });

  test('a lost agent is reported, and the window reconnects automatically', async () => {
    vi.useFakeTimers();
    let there = false;
    const backend = new FixtureBackend(undefined, {
      'GET /v1/overview': () => {
        if (!there) throw ApiFailure.unreachable('no socket');
        return fixture.overview();
      },
    });
    const session = await startSession(backend);
    render(App, { session });
    await vi.advanceTimersByTimeAsync(10);
    expect(screen.getByRole('alert').textContent).toContain(
      'The background agent does not respond',
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Start the background agent' }));
    expect(backend.actions).toEqual(['start']);
    there = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(session.connection).toBe('connected');
    expect(screen.getByRole('heading', { name: 'Overview' })).toBeTruthy();
  });

  test('events that arrive together cause one request', async () => {
    vi.useFakeTimers();
    const backend = new FixtureBackend();
    await startSession(backend);
    await vi.advanceTimersByTimeAsync(10);
    const before = backend.sent('GET', '/v1/overview').length;
    for (let index = 0; index < 20; index += 1) backend.emit({ event: 'overview' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(backend.sent('GET', '/v1/overview').length - before).toBe(1);
  });

  test('a click on a notification shows its account', async () => {
    const backend = new FixtureBackend();
    const session = await startSession(backend);
    const { container } = render(App, { session });
    await screen.findByRole('heading', { name: 'Overview' });
    backend.emit({ event: 'show', account_id: 3 });
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
])('the address %j opens the page %s', (hash, page, by) => {
  const place = parse(hash);
  expect([place.page, place.query.get('by')]).toEqual([page, by]);
});
