import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import type { AccountCard, Machine } from '../api/types';
import Overview from '../pages/Overview.svelte';
import { href } from '../state/route.svelte';
import { FixtureBackend } from './fixture-backend';
import { audit, resetPage, renderPage, setLanguage } from './render';

beforeEach(resetPage);

const usageRequests = (backend: FixtureBackend): string[] =>
  backend.requests.map((one) => one.path).filter((path) => path.startsWith('/v1/usage'));

describe('Overview', () => {
  test('shows quotas, balances, states and what to do', async () => {
    const { container } = await renderPage(Overview);
    const work = screen.getByRole('article', { name: 'Work' });
    const month = within(work).getByRole('meter', { name: 'Monthly quota' });
    expect(month.getAttribute('aria-valuetext')).toBe('78.8% used, 18% of the time gone');
    expect(work.textContent).toMatch(/near the limit\s*18% of the time gone/);
    expect(work.textContent).toContain('resets in 3 h 27 min · 17:47');
    // A forecast says that it is an estimate, and is missing where there is none.
    const forecast = within(work).getByText('Likely to last until the reset (about 80%)');
    expect(forecast.getAttribute('title')).toContain('Estimated from recent usage');
    expect(work.textContent.match(/Likely to/g)).toHaveLength(1);
    // Kimi Code's share is part of the month, not a quota of its own.
    expect(within(work).queryByRole('meter', { name: /Code/ })).toBeNull();
    expect(work.textContent).toContain('Kimi Code’s share: 61.4%');

    const batch = screen.getByRole('article', { name: 'Batch jobs' });
    expect(batch.textContent).toMatch(/Available balance\s*\$49\.59/);
    expect(batch.textContent).toMatch(/Spent today\s*\$1\.27\s*Spent this month\s*\$37\.90/);
    expect(batch.textContent).toMatch(/Cash\s*\$3\.00\s*Voucher\s*\$46\.59/);
    expect(batch.textContent).not.toContain('Owed');

    const research = screen.getByRole('article', { name: /Research group/ });
    expect(research.textContent).toMatch(/Owed\s*¥4\.37/);
    // An unknown value is shown as a dash.
    expect(research.textContent).toMatch(/Spent today\s*–/);
    expect(within(research).getByRole('link', { name: 'Replace key' }).getAttribute('href')).toBe(
      href('accounts', { replace: 4 }),
    );
    expect(container.textContent).toContain('next try in 5 min');
    expect(container.textContent).toContain('4.2% over · used up');
  });

  test('an open anomaly is shown on its card, with a link to it', async () => {
    await renderPage(Overview);
    const work = screen.getByRole('article', { name: 'Work' });
    const link = within(work).getByRole('link', { name: /Emptied at once · 5-hour quota/ });
    expect(link.textContent).toContain('and 1 more');
    expect(link.getAttribute('href')).toBe('#/findings?account=1&state=open&finding=10');
    expect(work.textContent).toContain('Monthly quota: 92% of deductions match local usage');
    const batch = screen.getByRole('article', { name: 'Batch jobs' });
    expect(within(batch).queryByRole('link', { name: /Unexplained/ })).toBeNull();
    expect(batch.textContent).not.toContain('match local usage');
  });

  test('an open anomaly is known with its amount, however many events came after it', async () => {
    const all = fixture.findings();
    const { container } = await renderPage(
      Overview,
      new FixtureBackend(undefined, {
        'GET /v1/findings': () => ({ ...all, findings: [] }),
      }),
    );
    const work = screen.getByRole('article', { name: 'Work' });
    const link = within(work).getByRole('link', { name: /Emptied at once · 5-hour quota/ });
    await waitFor(() => expect(link.textContent).toMatch(/points/));
    const facts = container.querySelector('.facts') as HTMLElement;
    expect(facts.textContent).toMatch(/points.* in Work/);
    // The head names one of the accounts that it counts.
    await fireEvent.click(screen.getByRole('button', { name: 'Actions for Work' }));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Hide on this page' }));
    expect(facts.textContent).not.toContain('in Work');
  });

  test('a card has a line for each machine that the account was used on', async () => {
    const { backend } = await renderPage(Overview);
    const work = screen.getByRole('article', { name: 'Work' });
    const heading = await within(work).findByRole('heading', { name: /^Tokens by machine/ });
    const lines = within(heading.closest('section') as HTMLElement)
      .getAllByRole('listitem')
      .map((line) => line.textContent.replaceAll(/\s+/g, ' ').trim());
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^desk This machine [\d.]+M$/);
    expect(lines[1]).toMatch(
      /^笔记本 [\d.]+M No usage reported since yesterday 07:20. Later deductions cannot be explained/,
    );
    expect(lines[2]).toMatch(/^nightly-evaluation Last seen 6 min ago [\d.]+M$/);
    // A quota is the account's: no machine has a share of it.
    expect(lines.join(' ')).not.toContain('%');
    const batch = screen.getByRole('article', { name: 'Batch jobs' });
    expect(batch.textContent).toMatch(/desk\s+This machine\s*none reported/);
    // It was used on no other machine.
    const laptop = screen.getByRole('article', { name: 'Laptop, old plan' });
    expect(laptop.textContent).not.toContain('Tokens by machine');
    expect(usageRequests(backend)).toEqual([
      '/v1/usage?by=day&from=2026-11-01&to=2026-11-23',
      '/v1/usage?by=day&from=2026-11-09&to=2026-11-23',
    ]);
  });

  test('of many machines a card shows the first, and those that do not report', async () => {
    const all = fixture.machines();
    const [laptop] = all.machines;
    const later = (hours: number): string => fixture.iso(fixture.NOW - hours * 3_600_000);
    const machines = Array.from({ length: 12 }, (_, index) => ({
      ...(laptop as Machine),
      key: `m${index}`,
      number: index,
      name: `node ${index}`,
      coverage: [{ client: 'kimi-code', from: later(500), to: later(index === 10 ? 5 : 0.1) }],
    }));
    const usage = fixture.usage('day', '2026-11-09', '2026-11-23');
    const [work] = usage.accounts;
    const used = machines.map(({ number }) => ({ machine: number, requests: 2, tokens: 90_000 }));
    const { container } = await renderPage(
      Overview,
      new FixtureBackend(undefined, {
        'GET /v1/machines': () => ({ ...all, machines }),
        'GET /v1/usage': () => ({ ...usage, accounts: [{ ...work, machines: used }] }),
      }),
    );
    const button = await screen.findByRole('button', { name: 'Show all 13' });
    const names = (): string[] =>
      [...container.querySelectorAll('.who .name')].map((one) => one.textContent ?? '');
    expect(names()).toEqual(['desk', 'node 0', 'node 1', 'node 2', 'node 3', 'node 10']);
    await fireEvent.click(button);
    expect(names()).toHaveLength(13);
    expect(await audit(container)).toEqual([]);
  });

  test('where only this machine is known, cards say nothing of machines', async () => {
    const alone = { ...fixture.machines(), machines: [], exchanges: [] };
    const { backend, container } = await renderPage(
      Overview,
      new FixtureBackend(undefined, { 'GET /v1/machines': () => alone }),
    );
    await waitFor(() => expect(backend.sent('GET', '/v1/machines')).toHaveLength(1));
    expect(container.textContent).not.toContain('Tokens by machine');
    expect(usageRequests(backend)).toEqual(['/v1/usage?by=day&from=2026-11-01&to=2026-11-23']);
  });

  test('the head says how all accounts stand, and what was used and spent', async () => {
    const { container } = await renderPage(Overview);
    const answer = container.querySelector('.answer');
    expect(answer?.textContent?.trim()).toMatch(
      /^3 of 6 accounts need you\.\s*Research group, shared key … and Second laptop cannot be used\./,
    );
    const line = screen.getByRole('button', { name: /cannot be used/ });
    await fireEvent.click(line);
    await waitFor(() => expect(document.activeElement?.id).toBe('account-4'));
    const facts = container.querySelector('.facts') as HTMLElement;
    await waitFor(() => expect(facts.textContent).toMatch(/Tokens today\s*[\d.]+M/));
    expect(facts.textContent).toMatch(/Spent from balances today\s*\$1\.27/);
    // Currencies stay apart.
    expect(facts.textContent).toContain('¥210.55, $37.90 this month');
    const open = within(facts).getByRole('link', { name: '2' });
    expect(open.getAttribute('href')).toBe('#/findings?state=open');
  });

  test('accounts in need come first, or in the user’s order if that is chosen', async () => {
    const names = (): (string | null)[] =>
      screen.getAllByRole('article').map((one) => one.querySelector('h2')?.textContent ?? null);
    await renderPage(Overview);
    expect(names()[0]).toMatch(/^Research group/);
    await fireEvent.click(screen.getByRole('button', { name: 'View' }));
    await fireEvent.click(screen.getByRole('menuitemradio', { name: 'My order' }));
    expect(names().slice(0, 2)).toEqual(['Work', 'Laptop, old plan']);
    expect(localStorage.getItem('tidemark-overview')).toContain('"order":"own"');
  });

  test('in the user’s order a card can be moved', async () => {
    localStorage.setItem('tidemark-overview', '{"order":"own"}');
    const { backend } = await renderPage(Overview);
    await fireEvent.click(screen.getByRole('button', { name: 'Actions for Work' }));
    expect(screen.getByRole('menuitem', { name: 'Move earlier' })).toHaveProperty('disabled', true);
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Move later' }));
    await waitFor(() =>
      expect(backend.sent('PUT', '/v1/accounts/order')).toEqual([{ ids: [2, 1, 3, 4, 5, 6] }]),
    );
  });

  test('a hidden account is said, and can be shown again', async () => {
    const { container } = await renderPage(Overview);
    await fireEvent.click(screen.getByRole('button', { name: /^Actions for Research group/ }));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Hide on this page' }));
    expect(screen.getAllByRole('article')).toHaveLength(5);
    expect(container.textContent).toContain('1 account is hidden here.');
    expect(container.textContent).toContain('1 of them needs attention.');
    expect(container.querySelector('.answer')?.textContent).not.toContain('Research');
    await fireEvent.click(screen.getByRole('button', { name: 'Show hidden accounts' }));
    expect(screen.getAllByRole('article')).toHaveLength(6);
  });

  test('compact cards leave out what is not needed at a glance', async () => {
    localStorage.setItem('tidemark-overview', '{"dense":true}');
    const { container } = await renderPage(Overview);
    expect(container.querySelector('.day-bars')).toBeNull();
    expect(container.textContent).not.toContain('Limits and logs');
    expect(await audit(container)).toEqual([]);
  });

  test('a debt says that requests are refused, and where to top up', async () => {
    const [, , batch] = fixture.cards();
    const owing = fixture.card({
      ...(batch as AccountCard),
      balance: {
        ...(batch as AccountCard).balance!,
        available: { amount: '0.00', currency: 'CNY' },
        debt: { amount: '0.42', currency: 'CNY' },
      },
    });
    const { backend, container } = await renderPage(
      Overview,
      new FixtureBackend(fixture.overview({ accounts: [owing] })),
    );
    expect(container.textContent).toContain('¥0.42 owed: requests are refused until you top up.');
    await fireEvent.click(screen.getByRole('link', { name: /Top up/ }));
    expect(backend.opened).toEqual(['https://platform.kimi.ai/console']);
  });

  test('without the agent nothing is live, foreseen or refreshed', async () => {
    const { session, container } = await renderPage(Overview);
    session.connection = 'lost';
    await waitFor(() => expect(container.textContent).toContain('These figures are not current'));
    for (const text of ['Live', 'ikely to last', 'next update', 'next try']) {
      expect(container.textContent).not.toContain(text);
    }
    // What is known is of a time, and resets come all the same.
    const verdict = container.querySelector('.verdict');
    expect(verdict?.textContent).toContain('These figures are not current. They are as of 14:20.');
    expect(container.textContent).toContain('Key invalid, as of 14:20');
    expect(screen.getByRole('region', { name: 'Next resets' }).textContent).toContain('Dec 17');
    for (const button of screen.getAllByRole('button', {
      name: /Refresh|Pause|Try again|Replace key/,
    })) {
      expect((button as HTMLButtonElement).disabled, button.outerHTML).toBe(true);
    }
  });

  test('an agent that was lost yesterday says so with the day', async () => {
    const { session, container } = await renderPage(Overview);
    session.connection = 'lost';
    session.now += 12 * 3_600_000;
    const verdict = container.querySelector('.verdict');
    await waitFor(() => expect(verdict?.textContent).toContain('They are as of yesterday 14:20.'));
    expect(container.textContent).toContain('Key invalid, as of yesterday 14:20');
    setLanguage('zh-CN');
    await tick();
    expect(verdict?.textContent.trim()).toBe('以下数据不是最新的。截至昨天 14:20。');
  });

  test('a share of a quota is not shown any more once it has been reset', async () => {
    const { session } = await renderPage(Overview);
    const work = screen.getByRole('article', { name: 'Work' });
    expect(work.textContent).toContain('43.7%');
    session.now += 4 * 3_600_000;
    await waitFor(() => expect(work.textContent).not.toContain('43.7%'));
    const meter = within(work).getByRole('meter', { name: '5-hour quota' });
    expect(meter.getAttribute('aria-valuetext')).toBe('unknown');
  });

  test('a card shows its last days, and says what they are', async () => {
    await renderPage(Overview);
    const work = screen.getByRole('article', { name: 'Work' });
    const bars = await within(work).findByRole('img', { name: /^Monthly quota, deductions/ });
    expect(bars.getAttribute('aria-label')).toMatch(/No data on \d days\./);
  });

  test('a card that was asked for takes the focus once', async () => {
    const { session } = await renderPage(Overview);
    session.requestedAccount = 1;
    await waitFor(() => expect(document.activeElement?.id).toBe('account-1'));
    const elsewhere = screen.getByRole('button', { name: 'Refresh' });
    elsewhere.focus();
    session.overview = fixture.overview();
    await tick();
    await tick();
    expect(document.activeElement).toBe(elsewhere);
  });

  test('a countdown follows the engine’s clock', async () => {
    const { session, container } = await renderPage(Overview);
    expect(session.now, 'it stands still during a test').toBe(fixture.NOW);
    session.now += 3_600_000;
    await waitFor(() => expect(container.textContent).toContain('resets in 2 h 27 min'));
  });

  test('what is no fault of the data is one line, and no question is asked on a bad day', async () => {
    const { container } = await renderPage(Overview, new FixtureBackend(fixture.troubled()));
    const folded = screen.getByText('3 notices').closest('details');
    expect(folded?.textContent).toContain('Sample data');
    expect(folded?.textContent).toContain('No tray');
    expect(folded?.open).toBe(false);
    expect(container.textContent).not.toContain('Check for new versions');
    // Faults stay outside of it.
    expect(folded?.textContent).not.toMatch(/disk|Paused|Elevated/);
  });

  test('a single notice is not folded', async () => {
    const agent = fixture.agent({ demo: true });
    const { container } = await renderPage(
      Overview,
      new FixtureBackend(fixture.overview({ agent })),
    );
    expect(container.textContent).toContain('Everything here comes from the built-in simulator.');
    expect(container.querySelector('details.notes')).toBeNull();
  });

  test('every problem is shown', async () => {
    const { container } = await renderPage(Overview, new FixtureBackend(fixture.troubled()));
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

  test('a refresh reports which accounts it skipped', async () => {
    const backend = new FixtureBackend(undefined, {
      'POST /v1/refresh': () => ({
        polling: [1],
        left_alone: [
          { account_id: 2, why: 'just-now', until: fixture.iso(fixture.NOW) },
          { account_id: 5, why: 'retry-after', until: fixture.iso(fixture.NOW) },
        ],
      }),
    });
    const { session } = await renderPage(Overview, backend);
    await fireEvent.click(screen.getByRole('button', { name: 'Refresh' }));
    await waitFor(() =>
      expect(session.toast?.text).toBe(
        'Refreshing 1 account… Skipped Laptop, old plan: checked moments ago. Skipped 家里的电脑: the service asked to wait.',
      ),
    );
  });

  test('unlocking the keyring refreshes the account', async () => {
    const { backend } = await renderPage(Overview);
    await fireEvent.click(screen.getByRole('button', { name: 'Unlock the keyring' }));
    await waitFor(() => expect(backend.sent('POST', '/v1/refresh')).toEqual([{ account_id: 6 }]));
    expect(backend.sent('POST', '/v1/vault/unlock-keyring')).toHaveLength(1);
  });

  test('a locked key file asks for its passphrase, and sends it once', async () => {
    const backend = new FixtureBackend(undefined, {
      'GET /v1/welcome': () => ({ ...fixture.welcome(), encrypted_file: 'locked' }),
    });
    await renderPage(Overview, backend);
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
    const { backend } = await renderPage(Overview);
    await fireEvent.click(screen.getByRole('button', { name: /Pause/ }));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'For 1 hour' }));
    const [sent] = backend.sent('POST', '/v1/pause') as { until: string }[];
    expect(Math.abs(Date.parse(sent?.until ?? '') - fixture.NOW - 3_600_000)).toBeLessThan(60_000);
  });

  test('a hundred accounts are all shown', async () => {
    const accounts = Array.from({ length: 100 }, (_, index) =>
      fixture.card({ ...fixture.cards()[index % 6], id: index + 1, name: `Account ${index + 1}` }),
    );
    const { container } = await renderPage(
      Overview,
      new FixtureBackend(fixture.overview({ accounts })),
    );
    // Equal failures are one card; the other accounts have one each, compact unless the user wants it otherwise.
    await waitFor(() => expect(container.querySelectorAll('article')).toHaveLength(69), {
      timeout: 15_000,
    });
    expect(container.querySelectorAll('article.dense')).toHaveLength(67);
    expect(screen.getByRole('heading', { name: 'Key invalid: 17 accounts' })).toBeTruthy();
    expect(document.getElementById('account-4')?.textContent).toContain('Account 4');
    const [first] = screen.getAllByRole('button', { name: 'Show one by one' });
    await fireEvent.click(first as HTMLElement);
    await waitFor(() => expect(container.querySelectorAll('article')).toHaveLength(100), {
      timeout: 15_000,
    });
  }, 60_000);

  describe('equal failures folded into one card', () => {
    const many = (given: Partial<AccountCard>, failure: Partial<AccountCard['failure']>) => {
      const [, , , research] = fixture.cards();
      const failing = { ...(research?.failure as NonNullable<AccountCard['failure']>), ...failure };
      const accounts = Array.from({ length: 12 }, (_, index) =>
        fixture.card({
          id: index + 1,
          name: `Account ${index + 1}`,
          ...(index < 4 ? { state: 'refused', failure: failing, ...given } : {}),
        }),
      );
      return new FixtureBackend(fixture.overview({ accounts }));
    };
    const folded = (name: RegExp): HTMLElement =>
      screen.getByRole('heading', { name }).closest('article') as HTMLElement;

    test('another key is offered where the key is at fault', async () => {
      const { session } = await renderPage(Overview, many({}, { kind: 'unauthorized' }));
      const card = folded(/^Key invalid: 4 accounts/);
      expect(within(card).getAllByRole('link', { name: /Replace key/ })).toHaveLength(4);
      // Nothing can be replaced without the agent.
      session.connection = 'lost';
      await tick();
      expect(within(card).queryByRole('link')).toBeNull();
      expect(card.textContent).toContain('Account 4');
    });

    test.each([{ kind: 'membership-lapsed' }, { kind: 'forbidden', denied: 'account' }] as Partial<
      AccountCard['failure']
    >[])('and not where it is not: %o', async (failure) => {
      await renderPage(Overview, many({}, failure));
      expect(within(folded(/: 4 accounts/)).queryByRole('link')).toBeNull();
    });

    test('a locked keyring is unlocked once for all', async () => {
      const { backend } = await renderPage(
        Overview,
        many(
          { state: 'key-unavailable' },
          { kind: 'key-unavailable', keyring: 'locked', reason: 'keyring-locked' },
        ),
      );
      const card = folded(/^The keyring is locked: 4 accounts/);
      expect(within(card).queryByRole('link')).toBeNull();
      await fireEvent.click(within(card).getByRole('button', { name: 'Unlock the keyring' }));
      await waitFor(() =>
        expect(backend.sent('POST', '/v1/refresh')).toEqual(
          [1, 2, 3, 4].map((account_id) => ({ account_id })),
        ),
      );
      expect(backend.sent('POST', '/v1/vault/unlock-keyring')).toHaveLength(1);
    });
  });

  test('a card says from which programs its usage is known, and which were looked for', async () => {
    await renderPage(Overview);
    const work = screen.getByRole('article', { name: 'Work' });
    await waitFor(() =>
      expect(work.textContent).toMatch(/Usage seen in the logs of: Kimi Code [\d.]+M, Claude Code/),
    );
    expect(work.textContent).toContain('Read, without usage of this account: Kimi CLI');
    expect(work.textContent).toContain('Looked for, not found: Codex, Qwen Code, Goose');
  });

  test('before the first reading no value is shown', async () => {
    const waiting = fixture.card({ id: 1, name: 'New', state: 'waiting', read_at: null });
    const { container } = await renderPage(
      Overview,
      new FixtureBackend(fixture.overview({ accounts: [waiting] })),
    );
    expect(container.textContent).toContain('No reading yet.');
    expect(container.querySelector('article')?.textContent).not.toMatch(/0%|0\.00/);
  });
});
