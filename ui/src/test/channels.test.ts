import * as fixture from '../../dev/fixture.mjs';
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ChannelChange, NewChannel, Settings as SettingsType } from '../api/types';
import { ALERT_KINDS, alertKindName, CHANNEL_KINDS, fieldName, fieldsOf } from '../format/channels';
import { limitOf, withRule } from '../format/guard';
import Settings from '../pages/Settings.svelte';
import { i18n, LANGUAGES } from '../state/i18n.svelte';
import { FixtureBackend, failWith } from './fixture-backend';
import { audit, renderPage, resetPage, root, setLanguage } from './render';

beforeEach(() => {
  resetPage();
  HTMLDialogElement.prototype.showModal ??= () => undefined;
});

/** The words of a list in the command line's own source. */
function wordsOf(name: string): string[] {
  const source = readFileSync(join(root, 'crates/cli/src/arguments/channel.rs'), 'utf8');
  const list = new RegExp(`const ${name}: \\[&str; \\d+\\] =\\s*\\[([^\\]]+)\\]`).exec(source);
  return [...(list?.[1] ?? '').matchAll(/"([a-z-]+)"/g)].map((one) => one[1] ?? '');
}

describe('Kinds', () => {
  test('the window knows the alerts and channels that the command line knows', () => {
    expect(wordsOf('ALERTS').length).toBeGreaterThan(5);
    expect([...ALERT_KINDS].sort()).toEqual(wordsOf('ALERTS').sort());
    // One that starts a program is added by the command line alone.
    expect([...CHANNEL_KINDS, 'program'].sort()).toEqual(wordsOf('KINDS').sort());
  });

  test.each(LANGUAGES)('every kind and field has a text in %s', (language) => {
    setLanguage(language);
    for (const kind of ALERT_KINDS) expect(alertKindName(kind)).not.toBe(kind);
    for (const kind of CHANNEL_KINDS) {
      expect(i18n.has(`channel-kind-${kind}`), kind).toBe(true);
      expect(fieldsOf(kind).length, kind).toBeGreaterThan(0);
      for (const field of fieldsOf(kind)) {
        expect(fieldName(field, kind), `${field} of ${kind}`).not.toBe('');
        expect(i18n.has(`channel-field-${field}-${kind}.about`), `${field} of ${kind}`).toBe(true);
      }
    }
  });
});

describe('Channels', () => {
  const group = async (): Promise<HTMLElement> => {
    const found = await screen.findByRole('region', { name: 'Channels' });
    await within(found).findByText('phone');
    return found;
  };
  const added = (backend: FixtureBackend): NewChannel =>
    backend.sent('POST', '/v1/channels')[0] as NewChannel;
  const answer = () => fixture.channels();

  async function openForm(answers: ConstructorParameters<typeof FixtureBackend>[1] = {}) {
    const backend = new FixtureBackend(undefined, { 'POST /v1/channels': answer, ...answers });
    const page = await renderPage(Settings, backend);
    await fireEvent.click(within(await group()).getByRole('button', { name: 'Add channel' }));
    return page;
  }
  const type = (label: string | RegExp, value: string) =>
    fireEvent.input(screen.getByLabelText(label), { target: { value } });
  const dialogButton = (name: string): HTMLElement => {
    const all = screen.getAllByRole('button', { name, hidden: true });
    return all.find((one) => one.closest('dialog') !== null) ?? all[0]!;
  };

  test('each says how its last delivery went, and a dead one why', async () => {
    const { container } = await renderPage(Settings);
    const text = (await group()).textContent;
    expect(text).toContain('2 h ago, delivered');
    expect(text).toContain('Not working.');
    expect(text).toContain('does not accept the address, the token or the signature');
    expect(text).toContain('sign match fail');
    expect(text).toContain('Nothing was sent yet.');
    expect(await audit(container)).toEqual([]);
  });

  test('a secret is sent once as a secret, and no address of a hook is sent as plain text', async () => {
    const { backend } = await openForm();
    await fireEvent.change(screen.getByLabelText('Kind'), { target: { value: 'slack' } });
    await type('Name', 'team');
    const field = screen.getByLabelText<HTMLInputElement>('Webhook address');
    expect(field.type).toBe('password');
    await type('Webhook address', 'https://hooks.slack.com/services/T/B/x');
    await fireEvent.click(dialogButton('Add channel'));
    await waitFor(() => expect(added(backend)).toBeDefined());
    expect(added(backend)).toMatchObject({
      name: 'team',
      kind: 'slack',
      url: null,
      address: { kind: 'keyring', key: 'https://hooks.slack.com/services/T/B/x' },
    });
    await waitFor(() => expect(document.querySelector('dialog')).toBeNull());
  });

  test.each([
    ['channel-address-private', 'Address', 'allow private addresses'],
    ['channel-address-bad', 'Address', 'Must begin with https://'],
    ['name-taken', 'Name', 'This name is taken'],
  ])('a refusal as %s is said at its field by the engine’s rule', async (code, label, text) => {
    await openForm({ 'POST /v1/channels': failWith(code) });
    await type('Name', 'hook');
    await type('Address', 'https://10.0.0.1/x');
    await fireEvent.click(dialogButton('Add channel'));
    const field = screen.getByLabelText<HTMLInputElement>(label);
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    const about = document.getElementById(field.getAttribute('aria-describedby') ?? '');
    expect(about?.textContent).toContain(text);
    expect(screen.getByLabelText<HTMLInputElement>('Address').value).toBe('https://10.0.0.1/x');
  });

  test('a change keeps the secret and the address, and sends the rules', async () => {
    const backend = new FixtureBackend(undefined, { 'PUT /v1/channels/phone': answer });
    await renderPage(Settings, backend);
    await fireEvent.click(within(await group()).getByRole('button', { name: /Change.*phone/ }));
    await fireEvent.click(screen.getByLabelText('Anomalies'));
    await fireEvent.change(screen.getByLabelText('Level'), { target: { value: 'urgent' } });
    await fireEvent.click(dialogButton('Save'));
    await waitFor(() => expect(backend.sent('PUT', '/v1/channels/phone')).toHaveLength(1));
    const sent = backend.sent('PUT', '/v1/channels/phone')[0] as ChannelChange;
    expect(sent).toMatchObject({
      name: 'phone',
      url: null,
      secret: null,
      address: null,
      kinds: ['anomaly'],
      min_level: 'urgent',
      quiet_hours: { from: '22:00', to: '08:00' },
      digest: 'day',
    });
  });

  test('a channel whose name holds anything is tested, and a failure is said', async () => {
    const path = `/v1/channels/${encodeURIComponent('值班群')}/test`;
    const backend = new FixtureBackend(undefined, {
      [`POST ${path}`]: failWith('channel-no-answer', 502),
    });
    const { session } = await renderPage(Settings, backend);
    await fireEvent.click(within(await group()).getByRole('button', { name: /test.*值班群/ }));
    await waitFor(() => expect(session.toast?.bad).toBe(true));
    expect(session.toast?.text).toContain('does not answer');
  });

  test('a channel is removed only after it was confirmed', async () => {
    const backend = new FixtureBackend(undefined, {
      'DELETE /v1/channels/phone': () => ({ channels: [] }),
    });
    await renderPage(Settings, backend);
    const found = await group();
    await fireEvent.click(within(found).getByRole('button', { name: /Remove.*phone/ }));
    expect(backend.sent('DELETE', '/v1/channels/phone')).toEqual([]);
    await fireEvent.click(dialogButton('Remove'));
    await within(found).findByText(/No channels yet/);
  });

  test('a page in a browser shows channels without controls', async () => {
    const backend = new FixtureBackend();
    Object.assign(backend, { canControlAgent: false });
    await renderPage(Settings, backend);
    const found = await group();
    expect(within(found).queryAllByRole('button')).toEqual([]);
    expect(found.textContent).toContain('in the window on the machine itself');
  });

  test('a locked keyring is said, and can be unlocked', async () => {
    const overview = fixture.overview({ agent: fixture.agent({ keyring: 'locked' }) });
    const { backend } = await renderPage(Settings, new FixtureBackend(overview));
    const found = await group();
    expect(found.textContent).toContain('The keyring is locked');
    await fireEvent.click(within(found).getByRole('button', { name: 'Unlock the keyring' }));
    expect(backend.sent('POST', '/v1/vault/unlock-keyring')).toHaveLength(1);
  });
});

describe('Guard', () => {
  test.each([
    ['', null],
    ['0', 'never'],
    ['1', { at: 1 }],
    ['100 %', { at: 100 }],
    ['101', undefined],
    ['-1', undefined],
    ['7.5', undefined],
    ['ten', undefined],
  ])('a limit typed as %j is %j', (typed, limit) => {
    expect(limitOf(typed)).toEqual(limit);
  });

  test('a rule takes the place of the one for the same account and quota', () => {
    const week = { account_id: 1, meter: 'week', warn: { at: 60 }, stop: null };
    const all = { account_id: null, meter: null, warn: null, stop: 'never' as const };
    const later = { ...week, warn: { at: 70 } };
    expect(withRule([week, all], later)).toEqual([later, all]);
    expect(withRule([all], week)).toEqual([all, week]);
    expect(withRule([week, all], { ...week, warn: null })).toEqual([all]);
  });

  test('limits are set, and what is no limit is said and not sent', async () => {
    const { backend, container } = await renderPage(Settings);
    const sent = (): Partial<SettingsType>[] =>
      backend.sent('PATCH', '/v1/settings') as Partial<SettingsType>[];
    const found = screen.getByRole('region', { name: 'Guard' });
    const stop = within(found).getByLabelText<HTMLInputElement>('Stop at (% used)');
    await fireEvent.input(stop, { target: { value: '150' } });
    await fireEvent.click(within(found).getByRole('button', { name: 'Set limits' }));
    expect(stop.getAttribute('aria-invalid')).toBe('true');
    expect(found.textContent).toContain('a whole number from 1 to 100');
    expect(sent()).toEqual([]);
    await fireEvent.input(stop, { target: { value: '90' } });
    await fireEvent.change(within(found).getByLabelText('Quota'), { target: { value: 'week' } });
    await fireEvent.click(within(found).getByRole('button', { name: 'Set limits' }));
    await waitFor(() =>
      expect(sent()).toEqual([
        { guard: [{ account_id: null, meter: 'week', warn: null, stop: { at: 90 } }] },
      ]),
    );
    await within(found).findByText(/stop at 90%/);
    await fireEvent.click(within(found).getByRole('button', { name: /Remove/ }));
    await waitFor(() => expect(sent().at(-1)).toEqual({ guard: [] }));
    expect(await audit(container)).toEqual([]);
  });
});
