import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import { ApiFailure } from '../api/backend';
import type { NewAccount } from '../api/types';
import Accounts from '../pages/Accounts.svelte';
import { href, parse, route } from '../state/route.svelte';
import { FixtureBackend, failWith } from './fixture-backend';
import { audit, resetPage, renderPage } from './render';

beforeEach(resetPage);

describe('Accounts', () => {
  async function paste(key: string): Promise<HTMLInputElement> {
    const field = (await screen.findByLabelText('API key')) as HTMLInputElement;
    await fireEvent.input(field, { target: { value: key } });
    return field;
  }

  /** Chooses an action from an account's menu. */
  async function choose(name: string, action: string): Promise<void> {
    await fireEvent.click(await screen.findByRole('button', { name: `Actions for ${name}` }));
    await fireEvent.click(screen.getByRole('menuitem', { name: action }));
  }

  test('a pasted key is recognised without being sent, then sent once and cleared', async () => {
    const { backend, container } = await renderPage(Accounts);
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    const field = await paste('  sk-kimi-abcdef123456 ');
    expect([field.type, field.autocomplete]).toEqual(['password', 'off']);
    expect(container.textContent).toContain('A Kimi Code key.');
    expect(backend.requests.some((one) => one.method !== 'GET')).toBe(false);
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

  test('Kimi Code’s local server is added without any key', async () => {
    const { backend } = await renderPage(Accounts);
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Kimi Code’s local server' }));
    expect(screen.queryByLabelText('API key')).toBeNull();
    expect(screen.getByText(/The token goes nowhere else/)).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    await waitFor(() =>
      expect(backend.sent('POST', '/v1/accounts')).toEqual([
        {
          name: '',
          source: 'kimi-code',
          region: null,
          base_url: null,
          key: { kind: 'kimi-code-server' },
          untested: false,
        } satisfies NewAccount,
      ]),
    );
  });

  test('an account can be added untested if the service cannot be reached', async () => {
    const backend = new FixtureBackend(undefined, {
      'POST /v1/accounts': ({ body }) => {
        if (!(body as NewAccount).untested) throw new ApiFailure('network', 'no route', 422);
        return fixture.accounts()[0];
      },
    });
    await renderPage(Accounts, backend);
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

  test('without a keyring the encrypted file is offered, never plain text', async () => {
    const backend = new FixtureBackend(undefined, {
      'GET /v1/welcome': () => ({ ...fixture.welcome(), keyring: 'absent' }),
    });
    await renderPage(Accounts, backend);
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

  test('if the keyring fails while an account is added, the encrypted file is offered', async () => {
    await renderPage(
      Accounts,
      new FixtureBackend(undefined, { 'POST /v1/accounts': failWith('keyring-locked', 503) }),
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    await paste('sk-abcdef1234567890');
    await fireEvent.click(screen.getByRole('button', { name: 'Add account' }));
    await screen.findByText('The keyring is locked');
    await fireEvent.click(screen.getByRole('button', { name: 'Choose another storage' }));
    expect(await screen.findByLabelText(/New passphrase/)).toBeTruthy();
  });

  test('each row says how its account stands, and no two buttons have the same name', async () => {
    const { container } = await renderPage(Accounts);
    await screen.findByRole('heading', { name: 'Work' });
    const rows = screen.getAllByRole('listitem').map((row) => row.textContent);
    expect(rows[0]).toContain('Live');
    expect(rows[3]).toContain('Key invalid');
    const names = [...container.querySelectorAll('button')].map(
      (button) => button.getAttribute('aria-label') ?? button.textContent?.trim(),
    );
    expect(names).toEqual([...new Set(names)]);
    for (const row of screen.getAllByRole('listitem')) {
      expect(row.querySelectorAll('button, a').length).toBeLessThanOrEqual(5);
    }
    // What cures a rejected key is not in a menu.
    await fireEvent.click(screen.getByRole('button', { name: /^Replace key of Research group/ }));
    expect(document.activeElement).toBe(screen.getByLabelText('API key'));
    expect(await audit(container)).toEqual([]);
  });

  test('a locked keyring is unlocked where the account is, and no other key is asked for', async () => {
    const { backend } = await renderPage(Accounts);
    const unlock = await screen.findByRole('button', { name: 'Second laptop: Unlock the keyring' });
    expect(screen.queryByRole('button', { name: /^Replace key of Second laptop/ })).toBeNull();
    await fireEvent.click(unlock);
    await waitFor(() => expect(backend.sent('POST', '/v1/vault/unlock-keyring').length).toBe(1));
  });

  test('what an account owes is in its row', async () => {
    const [, , batch] = fixture.cards();
    const balance = {
      ...batch!.balance!,
      available: { amount: '0.00', currency: 'CNY' },
      debt: { amount: '0.42', currency: 'CNY' },
    };
    const overview = fixture.overview({ accounts: [fixture.card({ ...batch!, balance })] });
    await renderPage(Accounts, new FixtureBackend(overview));
    const row = (await screen.findByRole('heading', { name: 'Batch jobs' })).closest('li');
    expect(row?.textContent).toContain('Owed: ¥0.42');
  });

  test('accounts are reordered by the menu and by arrow keys on the handle', async () => {
    const { backend } = await renderPage(Accounts);
    await choose('Work', 'Move down');
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

  test('an account is renamed, and a name that is taken is refused', async () => {
    const backend = new FixtureBackend(undefined, {
      'PATCH /v1/accounts/1': failWith('name-taken', 409),
    });
    const { session } = await renderPage(Accounts, backend);
    await screen.findByRole('heading', { name: 'Work' });
    await choose('Work', 'Rename');
    await fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Batch jobs' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() =>
      expect(session.toast?.text).toBe('This name is taken. Choose another name.'),
    );
    expect(screen.getByLabelText('Name')).toBeTruthy();
  });

  test('removing an account needs a confirmation', async () => {
    const { backend } = await renderPage(Accounts);
    await screen.findByRole('heading', { name: 'Work' });
    await choose('Work', 'Remove');
    expect(backend.requests.some((one) => one.method === 'DELETE')).toBe(false);
    const dialog = screen.getByRole('dialog', { name: 'Remove Work?' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(backend.sent('DELETE', '/v1/accounts/1')).toHaveLength(1));
  });

  test('an account whose key cannot be deleted is removed without it if the user confirms', async () => {
    const backend = new FixtureBackend(undefined, {
      'DELETE /v1/accounts/1': (asked) =>
        asked.path.endsWith('?keep_key=true')
          ? { key_removed: false }
          : failWith('keyring-gone', 409)(asked),
    });
    const { session } = await renderPage(Accounts, backend);
    await screen.findByRole('heading', { name: 'Work' });
    await choose('Work', 'Remove');
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

  test('a link from a card opens the form of its account', async () => {
    location.hash = href('accounts', { replace: 2 });
    route.place = parse(location.hash);
    const { backend } = await renderPage(Accounts);
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
