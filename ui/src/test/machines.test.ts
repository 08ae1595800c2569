import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import App from '../App.svelte';
import { ApiFailure } from '../api/backend';
import type { Exchange, LogCoverage, Machine, Machines as MachinesType } from '../api/types';
import { isFullPath, isHost, knownLogs, reporting, silenceText } from '../format/machines';
import Machines from '../pages/Machines.svelte';
import { parse, route } from '../state/route.svelte';
import { FixtureBackend, failWith } from './fixture-backend';
import { audit, renderPage, resetPage, setLanguage, startSession } from './render';

beforeEach(resetPage);

const withMachines = (answer: MachinesType, answers = {}): FixtureBackend =>
  new FixtureBackend(undefined, { 'GET /v1/machines': () => answer, ...answers });

/** The row of a machine or an exchange, found by its name within a section. */
async function row(section: string, name: string): Promise<HTMLElement> {
  const region = await screen.findByRole('region', { name: section });
  const heading = await within(region).findByRole('heading', { name, level: 3 });
  return heading.closest('.item') as HTMLElement;
}

/** Logs of Kimi Code, from days ago to hours ago. */
const covers = (days: number, hours: number): LogCoverage => ({
  client: 'kimi-code',
  from: fixture.iso(fixture.NOW - days * 86_400_000),
  to: fixture.iso(fixture.NOW - hours * 3_600_000),
  has_records: true,
});

const words = (element: HTMLElement): string =>
  (element.textContent ?? '').replaceAll(/\s+/g, ' ').trim();

describe('Machines', () => {
  test('each machine is shown with when it was seen, its programs and their coverage', async () => {
    const { container } = await renderPage(Machines);
    expect(words(await row('This machine', 'desk'))).toContain(
      'Kimi Code, Claude Code Jul 25 – Nov 22',
    );
    const laptop = words(await row('Other machines', '笔记本'));
    expect(laptop).toContain('Last seen 31 h ago · records come from lin@laptop.local');
    expect(words(await row('Other machines', 'old laptop'))).toContain(
      'no more records come, its usage stays',
    );
    expect(words(await row('Other machines', 'nightly-evaluation'))).toContain(
      '3 records are from a newer version',
    );
    expect(container.textContent).toContain('prompts, keys and paths never leave a machine');
    // The id is hidden behind the details.
    const id = screen.getByText('d'.repeat(32));
    expect(id.closest('details')?.open).toBe(false);
  });

  test('programs without records are named apart from those whose logs are known', async () => {
    await renderPage(Machines);
    const own = words(await row('This machine', 'desk'));
    expect(own).toContain('No logs found Codex');
    expect(own).not.toContain('Codex Jul 25');
  });

  test('ignored machines are listed apart, with and without their usage, and can be restored', async () => {
    const all = fixture.machines();
    const [laptop, nightly] = all.machines;
    if (laptop === undefined || nightly === undefined) throw new Error('no machines');
    const listed = {
      ...all,
      machines: [laptop, { ...nightly, ignored: true }],
      forgotten: [{ key: 'm9', id: '9'.repeat(32), name: 'build server' }],
    };
    const backend = new FixtureBackend(undefined, {
      'GET /v1/machines': () => listed,
      'PATCH /v1/machines/m9': () => ({ ...listed, forgotten: [] }),
    });
    await renderPage(Machines, backend);
    expect(words(await row('Ignored machines', 'nightly-evaluation'))).toContain(
      'Its usage stays.',
    );
    expect(words(await row('Ignored machines', 'build server'))).not.toContain('usage stays');
    const others = screen.getByRole('region', { name: 'Other machines' });
    expect(within(others).queryByText('nightly-evaluation')).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Restore: build server' }));
    await waitFor(() =>
      expect(backend.sent('PATCH', '/v1/machines/m9')).toEqual([{ ignored: false }]),
    );
    await waitFor(() => expect(screen.queryByText('build server')).toBeNull());
  });

  test('a failed exchange is explained, with what to do, and quotes what ssh said', async () => {
    await renderPage(Machines);
    const failed = await row('Exchanges', '笔记本');
    expect(words(failed)).toContain('Last success 31 h ago · next try in 2 h');
    expect(words(failed)).toContain('The host cannot be reached failed 4 times in a row');
    expect(words(failed)).toContain('Check its name, that it is on, and your SSH configuration.');
    expect(failed.querySelector('q[lang=en]')?.textContent).toContain('No route to host');
    const fine = await row('Exchanges', 'ours');
    expect(words(fine)).toContain('Last success 6 min ago · next exchange in 4 min');
    expect(fine.querySelector('.failure')).toBeNull();
  });

  test.each(['en', 'zh-CN'] as const)(
    'machines in trouble are accessible in %s',
    async (language) => {
      const { container } = await renderPage(Machines, withMachines(fixture.troubledMachines()));
      setLanguage(language);
      await waitFor(() => expect(container.querySelectorAll('.failure')).toHaveLength(3));
      expect(await audit(container)).toEqual([]);
      // A missing message would be shown as its id.
      expect(container.textContent).not.toMatch(/\b(machine|exchange|error)-[a-z]/);
      expect(container.textContent).not.toMatch(/undefined|NaN|\{\s*\$/);
      // What is not known here keeps its own word, and is not taken for another.
      expect(container.textContent).toContain('from-the-future');
    },
  );

  test('a failure of an exchange that the agent makes by itself appears without a reload', async () => {
    const { backend } = await renderPage(Machines);
    expect((await row('Exchanges', 'ours')).querySelector('.failure')).toBeNull();
    const all = fixture.machines();
    const problem = { code: 'folder-missing', said: null };
    const exchanges = all.exchanges.map((one) => ({ ...one, failures: 1, problem }));
    backend.answers['GET /v1/machines'] = () => ({ ...all, exchanges });
    backend.emit({ event: 'usage' });
    const message = await within(await row('Exchanges', 'ours')).findByText(
      'The shared folder is not there',
    );
    // A screen reader says it when it appears.
    expect(message.closest('[aria-live=polite]')).not.toBeNull();
  });

  test('an exchange is renamed', async () => {
    const { backend, session } = await renderPage(Machines);
    backend.answers['PATCH /v1/machines/x2'] = () => fixture.machines();
    const folder = await row('Exchanges', 'ours');
    await fireEvent.click(within(folder).getByRole('button', { name: 'Rename: ours' }));
    const input = within(folder).getByRole('textbox', { name: 'Name' });
    await fireEvent.input(input, { target: { value: '共享' } });
    await fireEvent.submit(input.closest('form') as HTMLFormElement);
    await waitFor(() => expect(session.toast?.text).toBe('Renamed to 共享'));
    expect(backend.sent('PATCH', '/v1/machines/x2')).toEqual([{ name: '共享' }]);
  });

  test.each<[string, Partial<Machine>, string, string]>([
    ['reports', { coverage: [covers(90, 0.5)] }, 'reports', ''],
    [
      'is silent after an hour',
      { coverage: [covers(90, 31), covers(60, 40)] },
      'silent',
      'No usage reported since yesterday 07:20. Later deductions cannot be explained from its logs.',
    ],
    [
      'is out of use after two weeks',
      { coverage: [covers(90, 15 * 24)] },
      'unused',
      'No usage reported since Nov 7, 14:20. After two weeks, deductions are analysed without it.',
    ],
    [
      'was never heard of',
      { coverage: [] },
      'unheard',
      'No usage reported yet. Deductions cannot be explained from its logs.',
    ],
    ['is not expected to report', { exchange: null, coverage: [covers(90, 31)] }, 'ended', ''],
  ])('a machine that %s says so', (_, change, state, text) => {
    const [laptop] = fixture.machines().machines;
    const known = reporting({ ...(laptop as Machine), ...change }, fixture.NOW);
    expect(known.state).toBe(state);
    expect(silenceText(known, 'Asia/Shanghai', fixture.NOW)).toBe(text);
  });

  test('a machine that has another id says why', async () => {
    await renderPage(Machines, withMachines(fixture.troubledMachines()));
    expect(words(await row('This machine', 'This machine'))).toContain(
      'This machine has a new id Another machine has the same history',
    );
  });

  test('an exchange of an unknown kind can be removed, but not made', async () => {
    await renderPage(Machines, withMachines(fixture.troubledMachines()));
    const hub = await row('Exchanges', 'hub');
    expect(within(hub).queryByRole('button', { name: /^Exchange now/ })).toBeNull();
    within(hub).getByRole('button', { name: 'Remove: hub' });
  });

  test('without other machines, a message says how to add one', async () => {
    await renderPage(
      Machines,
      withMachines({ ...fixture.machines(), machines: [], exchanges: [] }),
    );
    await screen.findByText(/No other machines yet/);
    expect(screen.queryByRole('region', { name: 'Exchanges' })).toBeNull();
  });

  test('a machine is renamed by keyboard, and the focus returns to its button', async () => {
    const { backend, session } = await renderPage(Machines);
    backend.answers['PATCH /v1/machines/m1'] = ({ body }) => {
      const all = fixture.machines();
      const [laptop] = all.machines;
      return { ...all, machines: [{ ...laptop, ...(body as object) }] };
    };
    const laptop = await row('Other machines', '笔记本');
    await fireEvent.click(within(laptop).getByRole('button', { name: 'Rename: 笔记本' }));
    const input = within(laptop).getByRole('textbox', { name: 'Name' });
    expect(document.activeElement).toBe(input);
    await fireEvent.input(input, { target: { value: ' Laptop ' } });
    await fireEvent.submit(input.closest('form') as HTMLFormElement);
    await row('Other machines', 'Laptop');
    expect(backend.sent('PATCH', '/v1/machines/m1')).toEqual([{ name: 'Laptop' }]);
    expect(session.toast?.text).toBe('Renamed to Laptop');
    await waitFor(() =>
      expect(document.activeElement?.getAttribute('aria-label')).toBe('Rename: Laptop'),
    );
  });

  test('an empty name and Escape change nothing', async () => {
    const { backend } = await renderPage(Machines);
    const own = await row('This machine', 'desk');
    for (const leave of ['submit', 'Escape']) {
      await fireEvent.click(within(own).getByRole('button', { name: 'Rename: desk' }));
      const input = within(own).getByRole('textbox', { name: 'Name' });
      await fireEvent.input(input, { target: { value: '  ' } });
      if (leave === 'submit') await fireEvent.submit(input.closest('form') as HTMLFormElement);
      else await fireEvent.keyDown(input, { key: leave });
      await within(own).findByRole('heading', { name: 'desk' });
    }
    expect(backend.requests.some((one) => one.method === 'PATCH')).toBe(false);
  });

  test('names of projects are shared only if that is saved', async () => {
    const { backend, session } = await renderPage(Machines);
    backend.answers['PATCH /v1/machines/this'] = failWith('store-failed', 500);
    const box = await screen.findByRole<HTMLInputElement>('checkbox', { name: /^Share names/ });
    expect(box.checked).toBe(false);
    await fireEvent.click(box);
    await waitFor(() => expect(session.toast?.bad).toBe(true));
    await waitFor(() => expect(box.checked).toBe(false));
    backend.answers['PATCH /v1/machines/this'] = () => ({
      ...fixture.machines(),
      this: { ...fixture.machines().this, shares_projects: true },
    });
    await fireEvent.click(box);
    await waitFor(() => expect(session.toast?.text).toBe('Saved'));
    expect(box.checked).toBe(true);
    expect(backend.sent('PATCH', '/v1/machines/this')).toEqual([
      { shares_projects: true },
      { shares_projects: true },
    ]);
  });

  describe('forgetting and removing', () => {
    async function open(button: string): Promise<{ backend: FixtureBackend; dialog: HTMLElement }> {
      const { backend } = await renderPage(Machines);
      backend.answers['DELETE /v1/machines/m1'] =
        backend.answers['DELETE /v1/machines/m2'] =
        backend.answers['DELETE /v1/machines/m3'] =
        backend.answers['DELETE /v1/machines/x2'] =
          () => ({ ...fixture.machines(), machines: [], exchanges: [] });
      await fireEvent.click(await screen.findByRole('button', { name: button }));
      return { backend, dialog: await screen.findByRole('dialog') };
    }

    const deleted = (backend: FixtureBackend): string[] =>
      backend.requests.filter((one) => one.method === 'DELETE').map((one) => one.path);

    test.each([
      ['Keep its usage', 'false'],
      ['Remove its usage, too Requests that other machines hold stay.', 'true'],
    ])('a machine behind SSH is forgotten with the choice “%s”', async (choice, dropUse) => {
      const { backend, dialog } = await open('Forget: 笔记本');
      expect(await audit(dialog)).toEqual([]);
      expect(dialog.textContent).toContain('lin@laptop.local is no longer asked.');
      await fireEvent.click(within(dialog).getByRole('radio', { name: choice }));
      await fireEvent.click(within(dialog).getByRole('button', { name: 'Forget' }));
      await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
      expect(deleted(backend)).toEqual([`/v1/machines/m1?drop_use=${dropUse}`]);
      await waitFor(() => expect(document.activeElement?.tagName).toBe('H1'));
    });

    test('usage stays unless it is chosen to go', async () => {
      const { backend, dialog } = await open('Remove: ours');
      expect(dialog.textContent).toContain('/home/lin/Sync/tidemark. The files in it stay.');
      await fireEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
      await waitFor(() => expect(deleted(backend)).toEqual(['/v1/machines/x2?drop_use=false']));
    });

    test('an exchange that never brought a machine has no usage to decide about', async () => {
      await renderPage(Machines, withMachines(fixture.troubledMachines()));
      await fireEvent.click(await screen.findByRole('button', { name: 'Remove: studio' }));
      const dialog = await screen.findByRole('dialog');
      expect(within(dialog).queryByRole('radio')).toBeNull();
    });

    test.each([
      ['Keep its usage', 'false'],
      ['Remove its usage, too Requests that other machines hold stay.', 'true'],
    ])(
      'a machine of a folder is ignored from then on, with the choice “%s”',
      async (choice, drop) => {
        const { backend, dialog } = await open('Forget: nightly-evaluation');
        expect(dialog.textContent).toContain('The machine is ignored in “ours” from now on.');
        await fireEvent.click(within(dialog).getByRole('radio', { name: choice }));
        await fireEvent.click(within(dialog).getByRole('button', { name: 'Forget' }));
        await waitFor(() => expect(deleted(backend)).toEqual([`/v1/machines/m2?drop_use=${drop}`]));
      },
    );

    test('a machine of which only the usage is left is forgotten with it', async () => {
      const { backend, dialog } = await open('Forget: old laptop');
      expect(dialog.textContent).toContain('Its usage is removed.');
      expect(within(dialog).queryByRole('radio')).toBeNull();
      await fireEvent.click(within(dialog).getByRole('button', { name: 'Forget' }));
      await waitFor(() => expect(deleted(backend)).toEqual(['/v1/machines/m3?drop_use=true']));
    });

    test('a cancelled dialog removes nothing and gives the focus back', async () => {
      const { backend } = await renderPage(Machines);
      const opener = await screen.findByRole('button', { name: 'Forget: old laptop' });
      opener.focus();
      await fireEvent.click(opener);
      const dialog = await screen.findByRole('dialog');
      within(dialog).getByRole('button', { name: 'Cancel' }).focus();
      await fireEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
      await waitFor(() => expect(document.activeElement).toBe(opener));
      expect(deleted(backend)).toEqual([]);
    });
  });

  describe('exchanging now', () => {
    async function exchange(answer: () => unknown): Promise<{
      backend: FixtureBackend;
      toast: () => { text: string; bad: boolean } | null;
    }> {
      const { backend, session } = await renderPage(Machines);
      backend.answers['POST /v1/machines/sync'] = answer;
      await fireEvent.click(await screen.findByRole('button', { name: 'Exchange now: ours' }));
      await waitFor(() => expect(session.toast).not.toBeNull());
      expect(backend.sent('POST', '/v1/machines/sync')).toEqual([{ key: 'x2' }]);
      return { backend, toast: () => session.toast };
    }
    const done = {
      name: 'ours',
      received: 1,
      written: 12,
      skipped: 0,
      problem: null,
      renewed: null,
    };

    test('says what came and went, and loads the list again', async () => {
      const { backend, toast } = await exchange(() => ({ exchanges: [done] }));
      expect(toast()).toMatchObject({
        text: 'ours: 1 request received, 12 requests of this machine written',
        bad: false,
      });
      await waitFor(() => expect(backend.sent('GET', '/v1/machines')).toHaveLength(2));
    });

    test('says why it failed', async () => {
      const { toast } = await exchange(() => ({
        exchanges: [{ ...done, problem: { code: 'folder-missing', said: null } }],
      }));
      expect(toast()).toMatchObject({ text: 'ours: The shared folder is not there', bad: true });
    });

    /** The machines, with the shared folder's exchange changed. */
    const folderWith = (change: Partial<Exchange>): MachinesType => {
      const all = fixture.machines();
      const exchanges = all.exchanges.map((one) =>
        one.key === 'x2' ? { ...one, ...change } : one,
      );
      return { ...all, exchanges };
    };
    const later = fixture.iso(fixture.NOW + 90_000);

    test.each([
      ['that succeeds', { last_done: later }, 'ours: records exchanged', false],
      [
        'that fails',
        { failures: 1, problem: { code: 'folder-missing', said: null } },
        'ours: The shared folder is not there',
        true,
      ],
    ])(
      'one %s after its request ended goes on, and is no failure before',
      async (_, change, text, bad) => {
        let list = folderWith({ underway: true });
        const { backend, session } = await renderPage(Machines);
        backend.answers['GET /v1/machines'] = () => list;
        backend.answers['POST /v1/machines/sync'] = () => {
          throw ApiFailure.unreachable('no answer within 75 s');
        };
        await fireEvent.click(await screen.findByRole('button', { name: 'Exchange now: ours' }));
        await waitFor(() => expect(session.toast).not.toBeNull());
        expect(session.toast).toMatchObject({ bad: false });
        expect(session.toast?.text).toContain('continues in the background');
        const folder = await row('Exchanges', 'ours');
        expect(words(folder)).toContain('under way, continues in the background');
        const button = within(folder).getByRole<HTMLButtonElement>('button', { name: /^Exchange/ });
        expect(button.disabled).toBe(true);

        list = folderWith({ last_try: later, ...change });
        backend.emit({ event: 'usage' });
        await waitFor(() => expect(session.toast).toMatchObject({ text, bad }));
        expect(button.disabled).toBe(false);
        // It is said once.
        session.toast = null;
        const before = backend.sent('GET', '/v1/machines').length;
        backend.emit({ event: 'usage' });
        await waitFor(() => expect(backend.sent('GET', '/v1/machines')).toHaveLength(before + 1));
        expect(session.toast).toBeNull();
      },
    );

    test('a request that does not reach the agent is a failure', async () => {
      const { toast } = await exchange(() => {
        throw ApiFailure.unreachable('connection refused');
      });
      expect(toast()).toMatchObject({ bad: true });
    });

    test('its button cannot be pressed twice', async () => {
      const { backend } = await renderPage(Machines);
      let answer: (value: unknown) => void = () => undefined;
      backend.answers['POST /v1/machines/sync'] = () =>
        new Promise((resolve) => (answer = resolve));
      const button = await screen.findByRole<HTMLButtonElement>('button', {
        name: 'Exchange now: ours',
      });
      await fireEvent.click(button);
      await waitFor(() => expect(button.disabled).toBe(true));
      answer({ exchanges: [done] });
      await waitFor(() => expect(button.disabled).toBe(false));
    });
  });

  describe('adding', () => {
    async function open(answers = {}): Promise<{ backend: FixtureBackend; dialog: HTMLElement }> {
      const backend = new FixtureBackend(undefined, answers);
      await renderPage(Machines, backend);
      await fireEvent.click(await screen.findByRole('button', { name: 'Add machine' }));
      return { backend, dialog: await screen.findByRole('dialog', { name: 'Add machine' }) };
    }
    const type = (dialog: HTMLElement, label: string, value: string): Promise<unknown> =>
      fireEvent.input(within(dialog).getByLabelText(label), { target: { value } });
    const button = (dialog: HTMLElement): HTMLButtonElement =>
      within(dialog).getByRole('button', { name: 'Add machine' });
    const added = (backend: FixtureBackend): unknown[] => backend.sent('POST', '/v1/machines');

    test('a machine over SSH needs a name and a host that is no option', async () => {
      const { backend, dialog } = await open({ 'POST /v1/machines': () => fixture.machines() });
      expect(await audit(dialog)).toEqual([]);
      await type(dialog, 'Name', ' Studio ');
      expect(button(dialog).disabled).toBe(true);
      await type(dialog, 'Host', '-oProxyCommand=x');
      expect(dialog.textContent).toContain('does not begin with a hyphen');
      expect(button(dialog).disabled).toBe(true);
      await type(dialog, 'Host', ' me@studio ');
      await type(dialog, 'Path of tidemark there', '/opt/tidemark');
      await fireEvent.click(button(dialog));
      await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
      expect(added(backend)).toEqual([
        { name: 'Studio', host: 'me@studio', command: '/opt/tidemark' },
      ]);
    });

    async function folder(dialog: HTMLElement): Promise<void> {
      await fireEvent.click(within(dialog).getByRole('button', { name: 'Shared folder' }));
      await type(dialog, 'Name', 'ours');
      await type(dialog, 'Folder', '/srv/sync');
    }

    test('a folder takes a full path and a passphrase, which the keyring keeps', async () => {
      const { backend, dialog } = await open({ 'POST /v1/machines': () => fixture.machines() });
      await folder(dialog);
      expect(await audit(dialog)).toEqual([]);
      await type(dialog, 'Passphrase', 'four random words here');
      await type(dialog, 'Folder', 'Sync/tidemark');
      expect(dialog.textContent).toContain('Enter the full path');
      expect(button(dialog).disabled).toBe(true);
      await type(dialog, 'Folder', '/srv/sync');
      await fireEvent.click(button(dialog));
      await waitFor(() =>
        expect(added(backend)).toEqual([
          {
            name: 'ours',
            folder: '/srv/sync',
            passphrase: 'four random words here',
            in_encrypted_file: false,
          },
        ]),
      );
    });

    test('the encrypted file is unlocked first where it is locked', async () => {
      const { backend, dialog } = await open({
        'POST /v1/machines': () => fixture.machines(),
        'GET /v1/welcome': () => ({ ...fixture.welcome(), encrypted_file: 'locked' }),
      });
      await folder(dialog);
      await type(dialog, 'Passphrase', 'of the folder');
      await fireEvent.click(within(dialog).getByRole('radio', { name: /^Encrypted file/ }));
      expect(button(dialog).disabled).toBe(true);
      await type(dialog, 'Passphrase of the encrypted key file', 'of the file');
      await fireEvent.click(button(dialog));
      await waitFor(() => expect(added(backend)).toHaveLength(1));
      expect(added(backend)).toMatchObject([{ in_encrypted_file: true }]);
      expect(backend.sent('POST', '/v1/vault/unlock-file')).toEqual([
        { passphrase: 'of the file' },
      ]);
      const paths = backend.requests.map((one) => one.path);
      expect(paths.indexOf('/v1/vault/unlock-file')).toBeLessThan(
        paths.lastIndexOf('/v1/machines'),
      );
    });

    test('an environment variable is named, and no passphrase is sent', async () => {
      const { backend, dialog } = await open({ 'POST /v1/machines': () => fixture.machines() });
      await folder(dialog);
      await type(dialog, 'Passphrase', 'typed before');
      await fireEvent.click(within(dialog).getByRole('radio', { name: /^Environment variable/ }));
      await type(dialog, 'Variable', 'not a name');
      expect(button(dialog).disabled).toBe(true);
      await type(dialog, 'Variable', 'SYNC_PASSPHRASE');
      await fireEvent.click(button(dialog));
      await waitFor(() =>
        expect(added(backend)).toEqual([
          { name: 'ours', folder: '/srv/sync', passphrase_env: 'SYNC_PASSPHRASE' },
        ]),
      );
    });

    test('a failure is explained in the dialog, which stays open', async () => {
      const { dialog } = await open({
        'POST /v1/machines': failWith('machine-wrong-passphrase', 409),
      });
      await folder(dialog);
      await type(dialog, 'Passphrase', 'of another folder');
      await fireEvent.click(button(dialog));
      const alert = await within(dialog).findByRole('alert');
      expect(alert.textContent).toContain('The passphrase is not that of the shared folder');
      expect(alert.textContent).toContain('Use the same passphrase on all machines.');
      expect(button(dialog).disabled).toBe(false);
    });
  });

  test('a failure to load is shown until an event loads the list', async () => {
    const backend = new FixtureBackend(undefined, {
      'GET /v1/machines': failWith('database', 500),
    });
    const { session } = await renderPage(Machines, backend);
    await screen.findByRole('alert');
    backend.answers = {};
    session.usageRevision += 1;
    await row('This machine', 'desk');
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

test('Machines is a page below Settings, which stays marked in the navigation', async () => {
  location.hash = '#/settings';
  route.place = parse(location.hash);
  const session = await startSession(new FixtureBackend());
  render(App, { session });
  const link = await screen.findByRole('link', { name: 'Manage machines' });
  expect(link.getAttribute('href')).toBe('#/machines');
  route.go('machines');
  await screen.findByRole('heading', { name: 'Machines', level: 1 });
  const settings = within(screen.getByRole('navigation')).getByRole('link', { name: 'Settings' });
  expect(settings.getAttribute('aria-current')).toBe('true');
  expect(document.title).toMatch(/^Machines/);
});

describe('known logs', () => {
  const span = (client: string, from: string, to: string): LogCoverage => ({
    client,
    from,
    to,
    has_records: true,
  });
  const zone = 'UTC';
  const now = Date.parse('2026-11-22T12:00:00Z');

  test.each<[string, LogCoverage[], [string[], string][]]>([
    ['nothing', [], []],
    [
      'programs of the same time are one line',
      [
        span('kimi-code', '2026-11-01T00:00:00Z', '2026-11-05T09:00:00Z'),
        span('claude-code', '2026-11-01T08:00:00Z', '2026-11-05T00:00:01Z'),
      ],
      [[['Kimi Code', 'Claude Code'], 'Nov 1 – Nov 5']],
    ],
    [
      'the end is not covered itself',
      [span('kimi-code', '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z')],
      [[['Kimi Code'], 'Nov 1']],
    ],
    [
      'logs that were read just now are known for today',
      [span('kimi-code', '2026-11-22T00:00:00Z', '2026-11-22T00:00:00Z')],
      [[['Kimi Code'], 'Nov 22']],
    ],
    [
      'spans that touch or overlap have no gap, in any order',
      [
        span('x', '2026-11-03T00:00:00Z', '2026-11-06T00:00:01Z'),
        span('x', '2026-11-01T00:00:00Z', '2026-11-03T00:00:00Z'),
        span('x', '2026-11-02T00:00:00Z', '2026-11-04T00:00:00Z'),
      ],
      [[['x'], 'Nov 1 – Nov 6']],
    ],
    [
      'gaps are counted',
      [
        span('x', '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z'),
        span('x', '2026-11-05T00:00:00Z', '2026-11-06T00:00:01Z'),
      ],
      [[['x'], 'Nov 1 – Nov 6 (1 gap)']],
    ],
  ])('%s', (_, coverage, lines) => {
    expect(knownLogs(coverage, zone, now).map((one) => [one.programs, one.when])).toEqual(lines);
  });
});

test.each([
  ['studio', true],
  ['me@studio.local', true],
  ['', false],
  ['-oProxyCommand=x', false],
  ['two words', false],
])('a host such as %j is one: %s', (text, fits) => {
  expect(isHost(text)).toBe(fits);
});

test.each([
  ['/srv/sync', true],
  ['C:\\Users\\lin\\Sync', true],
  ['d:/sync', true],
  ['\\\\server\\share', true],
  ['Sync/tidemark', false],
  ['~/Sync', false],
  ['', false],
])('a path such as %j is full: %s', (text, fits) => {
  expect(isFullPath(text)).toBe(fits);
});
