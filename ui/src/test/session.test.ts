import { expect, test, vi } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import { ApiFailure } from '../api/backend';
import { Session } from '../state/session.svelte';
import { i18n } from '../state/i18n.svelte';
import { FixtureBackend } from './fixture-backend';
import { startSession, setLanguage } from './render';

test('a stopped session ignores pending answers', async () => {
  setLanguage('en');
  let answer: (overview: unknown) => void = () => undefined;
  const backend = new FixtureBackend(undefined, {
    'GET /v1/overview': () => new Promise((done) => (answer = done)),
    'GET /v1/settings': () => ({ ...fixture.settings(), language: 'zh-CN', theme: 'dark' }),
  });
  const session = new Session(backend);
  const started = session.start();
  session.stop();
  answer(fixture.overview());
  await started;
  expect([session.overview, session.settings]).toEqual([null, null]);
  expect(i18n.language).toBe('en');
  expect(document.documentElement.dataset['theme']).toBeUndefined();
});

test('a stopped session neither reports a lost connection nor reconnects', async () => {
  vi.useFakeTimers();
  let refuse: (reason: unknown) => void = () => undefined;
  const backend = new FixtureBackend(undefined, {
    'GET /v1/overview': () => new Promise((_, fail) => (refuse = fail)),
  });
  const session = new Session(backend);
  const started = session.start();
  session.stop();
  refuse(ApiFailure.unreachable('no socket'));
  await started;
  session.retryNow();
  session.announce('nothing');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(backend.sent('GET', '/v1/overview')).toHaveLength(1);
  expect([session.connection, session.toast]).toEqual(['connecting', null]);
});

test('a message disappears after five seconds, a failure after nine', async () => {
  vi.useFakeTimers();
  const session = await startSession(new FixtureBackend());
  session.announce('done');
  await vi.advanceTimersByTimeAsync(4900);
  expect(session.toast?.text).toBe('done');
  await vi.advanceTimersByTimeAsync(200);
  expect(session.toast).toBeNull();
  session.announce('failed', true);
  await vi.advanceTimersByTimeAsync(8900);
  expect(session.toast?.text).toBe('failed');
  await vi.advanceTimersByTimeAsync(200);
  expect(session.toast).toBeNull();
});

test('a stopped session can start again', async () => {
  const backend = new FixtureBackend();
  const session = await startSession(backend);
  session.stop();
  session.overview = null;
  await session.start();
  expect(session.overview).not.toBeNull();
  expect(session.connection).toBe('connected');
});

test('settings that arrive while the overview is loading stay', async () => {
  vi.useFakeTimers();
  let timezone = 'Europe/Berlin';
  let answer: (overview: unknown) => void = () => undefined;
  const backend = new FixtureBackend(undefined, {
    'GET /v1/settings': () => ({ ...fixture.settings(), timezone }),
  });
  const session = await startSession(backend);
  backend.answers['GET /v1/overview'] = () => new Promise((done) => (answer = done));
  const loading = session.reload();
  timezone = 'Asia/Shanghai';
  backend.emit({ event: 'settings' });
  await vi.advanceTimersByTimeAsync(1);
  expect(session.zone).toBe('Asia/Shanghai');
  answer(fixture.overview());
  await loading;
  expect(session.zone).toBe('Asia/Shanghai');
});

test('an answer to an older request for settings replaces no newer one', async () => {
  vi.useFakeTimers();
  const session = await startSession(new FixtureBackend());
  const answers: ((settings: unknown) => void)[] = [];
  const backend = session.backend as FixtureBackend;
  backend.answers['GET /v1/settings'] = () => new Promise((done) => answers.push(done));
  backend.emit({ event: 'settings' });
  backend.emit({ event: 'settings' });
  answers[1]?.({ ...fixture.settings(), timezone: 'Asia/Shanghai' });
  await vi.advanceTimersByTimeAsync(1);
  answers[0]?.({ ...fixture.settings(), timezone: 'Europe/Berlin' });
  await vi.advanceTimersByTimeAsync(1);
  expect(session.zone).toBe('Asia/Shanghai');
});
