import * as fixture from '../../dev/fixture.mjs';
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Settings as SettingsType } from '../api/types';
import { tokensOf } from '../format/budgets';
import Settings from '../pages/Settings.svelte';
import { shortcuts } from '../state/shortcuts.svelte';
import { FixtureBackend, failWith } from './fixture-backend';
import { audit, resetPage, renderPage } from './render';

beforeEach(resetPage);

describe('Settings', () => {
  const sent = (backend: FixtureBackend): Partial<SettingsType>[] =>
    backend.sent('PATCH', '/v1/settings') as Partial<SettingsType>[];

  test.each([
    ['80, 95', [80, 95]],
    ['95 80 80', [80, 95]],
    ['75、90、100%', [75, 90, 100]],
    ['', []],
  ])('thresholds typed as %j are kept as %j', async (typed, kept) => {
    const { backend } = await renderPage(Settings);
    await fireEvent.change(screen.getByLabelText('Notify when a quota reaches (% used)'), {
      target: { value: typed },
    });
    await waitFor(() => expect(sent(backend)).toEqual([{ meter_thresholds: kept }]));
  });

  test.each(['abc', '0', '101', '150', '7.5', '1 2 3 4 5 6 7 8 9 10 11'])(
    'thresholds such as %j are not sent',
    async (typed) => {
      const { backend } = await renderPage(Settings);
      await fireEvent.change(screen.getByLabelText('Notify when a quota reaches (% used)'), {
        target: { value: typed },
      });
      await screen.findByRole('alert');
      expect(sent(backend)).toEqual([]);
    },
  );

  test('a shorter interval shortens the one in use, and no longer one in use is offered', async () => {
    const { backend } = await renderPage(Settings);
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
    const { backend } = await renderPage(Settings);
    await fireEvent.change(screen.getByLabelText(/falls below \(\$\)/), {
      target: { value: typed },
    });
    await screen.findByRole('alert');
    expect(sent(backend)).toEqual([]);
  });

  test('an amount of one currency keeps the others, and an empty one removes it', async () => {
    const { backend } = await renderPage(Settings);
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

  test('additional folders are one per line, and the currency of prices can be set', async () => {
    const { backend } = await renderPage(Settings);
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
    const currency = screen.getByLabelText(/^Currency of prices/);
    await fireEvent.change(currency, { target: { value: 'CNY' } });
    await fireEvent.change(currency, { target: { value: '' } });
    await waitFor(() =>
      expect(sent(backend).slice(2)).toEqual([{ worth_currency: 'CNY' }, { worth_currency: null }]),
    );
  });

  test.each([
    ['kimi/logs', 'Enter at most 30 absolute paths'],
    [
      Array.from({ length: 31 }, (_, n) => `/srv/${n}`).join('\n'),
      'Enter at most 30 absolute paths',
    ],
  ])('folders that the engine would not take are said at their field', async (typed, text) => {
    const { backend } = await renderPage(Settings);
    const field = screen.getByLabelText<HTMLTextAreaElement>(/Additional folders/);
    await fireEvent.change(field, { target: { value: typed } });
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain(text);
    expect(field.getAttribute('aria-describedby')).toBe(alert.id);
    expect(field.getAttribute('aria-invalid')).toBe('true');
    // What was typed is still there to be mended.
    expect(field.value).toBe(typed);
    expect(sent(backend)).toEqual([]);
    await fireEvent.change(field, { target: { value: 'C:\\Users\\me\\kimi' } });
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    expect(sent(backend)).toHaveLength(1);
  });

  test('the engine has the last word, and its rule is said at the field', async () => {
    const backend = new FixtureBackend(undefined, {
      'PATCH /v1/settings': failWith('settings', 400),
    });
    const { session } = await renderPage(Settings, backend);
    await fireEvent.change(screen.getByLabelText(/^Projects hidden in exports/), {
      target: { value: 'fine' },
    });
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Enter at most 100 words of at most 300 characters');
    expect(session.toast).toBeNull();
  });

  test.each([
    ['quiet', ['Quiet hours']],
    ['GITHUB', ['Check for new versions']],
    // The name of the group counts, too.
    ['appearance theme', ['Theme']],
  ])('%j finds the settings %j', async (sought, names) => {
    const { container } = await renderPage(Settings);
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Search settings' }), {
      target: { value: sought },
    });
    const labels = [...container.querySelectorAll('.setting .label')].map((one) => one.textContent);
    expect(labels).toEqual(names);
    expect(await audit(container)).toEqual([]);
  });

  test('a search without a result says so, and leads back', async () => {
    const { container } = await renderPage(Settings);
    // The channels come with an answer of their own.
    await screen.findByText('phone');
    await screen.findAllByRole('button', { name: /^Remove the budget of/ });
    const before = container.querySelectorAll('.setting').length;
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'zebra' } });
    expect(container.textContent).toContain('No setting matches “zebra”.');
    await fireEvent.click(screen.getByRole('button', { name: 'Show all settings' }));
    await screen.findByText('phone');
    await waitFor(() => expect(container.querySelectorAll('.setting')).toHaveLength(before));
  });

  test('each setting says its effect in a line', async () => {
    const { container } = await renderPage(Settings);
    const silent = [...container.querySelectorAll('.setting')].filter(
      (setting) =>
        setting.querySelector('.label') !== null && setting.querySelector('.small.muted') === null,
    );
    expect(silent.map((setting) => setting.textContent?.trim())).toEqual([]);
  });

  test('single-key shortcuts can be switched off', async () => {
    await renderPage(Settings);
    await fireEvent.click(screen.getByLabelText(/^Single-key shortcuts/));
    expect(shortcuts.on).toBe(false);
    expect(localStorage.getItem('tidemark-shortcuts')).toBe('off');
    await fireEvent.click(screen.getByLabelText(/^Single-key shortcuts/));
    expect(shortcuts.on).toBe(true);
  });

  test('the language switches at once', async () => {
    const { container } = await renderPage(Settings);
    await fireEvent.click(screen.getByRole('button', { name: '简体中文' }));
    await waitFor(() => expect(container.querySelector('h1')?.textContent).toBe('设置'));
    expect(document.documentElement.lang).toBe('zh-CN');
  });

  test('a time zone is found by a part of its name', async () => {
    const { backend } = await renderPage(Settings);
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

  test('a newer version is named, and installed only after a click', async () => {
    const overview = fixture.overview({ agent: fixture.agent({ update: fixture.newerVersion() }) });
    const { backend } = await renderPage(Settings, new FixtureBackend(overview));
    expect(screen.getByText('Version 0.3.0 is available.')).toBeTruthy();
    expect(backend.sent('POST', '/v1/update')).toEqual([]);
    await fireEvent.click(screen.getByRole('button', { name: 'Install' }));
    await waitFor(() => expect(backend.sent('POST', '/v1/update')).toEqual([{ do: 'install' }]));
  });

  test('checking for new versions can be switched off', async () => {
    const { backend } = await renderPage(Settings);
    await fireEvent.click(screen.getByLabelText(/^Check for new versions/));
    await waitFor(() => expect(sent(backend)).toEqual([{ check_updates: false }]));
  });
});

describe('Budgets', () => {
  const sent = (backend: FixtureBackend): Partial<SettingsType>[] =>
    backend.sent('PATCH', '/v1/settings') as Partial<SettingsType>[];
  const [month, week] = fixture.budgets().budgets.map((one) => one.budget);

  test('each says how it stands, and what is not known is not zero', async () => {
    const all = fixture.budgets().budgets;
    const unknown = { ...all[0]!, used: null, percent: null };
    const part = { ...all[1]!, is_part: true };
    await renderPage(
      Settings,
      new FixtureBackend(undefined, { 'GET /v1/budgets': () => ({ budgets: [unknown, part] }) }),
    );
    await screen.findByText(/Nothing known yet of \$45.00/);
    expect(screen.queryByText('Work, project boat')).not.toBeNull();
    expect(screen.queryByText(/≥ 21.3M tokens of 50M tokens/)).not.toBeNull();
    expect(screen.queryByText(/\$0/)).toBeNull();
  });

  test('one is set beside the others, and a project has none of a quota', async () => {
    const { backend } = await renderPage(Settings);
    await fireEvent.click(await screen.findByRole('button', { name: 'Add a budget' }));
    await fireEvent.input(screen.getByLabelText('Project'), { target: { value: ' boat ' } });
    const unit = screen.getByLabelText<HTMLSelectElement>('Of what');
    expect([...unit.options].map((one) => one.value)).toEqual(['CNY', 'USD', 'tokens']);
    await fireEvent.change(unit, { target: { value: 'tokens' } });
    await fireEvent.input(screen.getByLabelText('Limit'), { target: { value: '5M' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Set budget' }));
    await waitFor(() =>
      expect(sent(backend)).toEqual([
        {
          budgets: [
            month,
            week,
            {
              account_id: 1,
              project: 'boat',
              period: 'month',
              limit: { unit: 'tokens', tokens: 5_000_000 },
            },
          ],
        },
      ]),
    );
  });

  test.each(['', '0', '-3', 'much'])('a limit such as %j is not sent', async (typed) => {
    const { backend } = await renderPage(Settings);
    await fireEvent.click(await screen.findByRole('button', { name: 'Add a budget' }));
    await fireEvent.input(screen.getByLabelText('Limit'), { target: { value: typed } });
    await fireEvent.click(screen.getByRole('button', { name: 'Set budget' }));
    await screen.findByText(/Enter a number above zero/);
    expect(sent(backend)).toEqual([]);
  });

  test('one is removed, and the others stay', async () => {
    const { backend } = await renderPage(Settings);
    const [first] = await screen.findAllByRole('button', { name: /^Remove the budget of/ });
    await fireEvent.click(first!);
    await waitFor(() => expect(sent(backend)).toEqual([{ budgets: [week] }]));
  });

  test.each([
    ['5M', 5_000_000],
    ['500万', 5_000_000],
    ['1.5 亿', 150_000_000],
    ['1,000', 1000],
    ['0', null],
    ['many', null],
    ['-5', null],
  ])('tokens typed as %j are %j', (typed, count) => {
    expect(tokensOf(typed)).toBe(count);
  });
});
