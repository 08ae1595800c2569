import { screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import type { MessageView } from '../api/types';
import * as fixture from '../../dev/fixture.mjs';
import { failureAdvice, failureName } from '../format/names';
import Overview from '../pages/Overview.svelte';
import { FixtureBackend } from './fixture-backend';
import { renderPage, resetPage, setLanguage } from './render';

beforeEach(resetPage);

const unreachable: MessageView = {
  id: 'no-answer-in-time',
  args: { host: { kind: 'text', value: 'api.kimi.com' } },
};

/** The overview of one account whose last poll failed. */
function failing(cause: MessageView | null, message: string): FixtureBackend {
  const failure = {
    kind: 'timeout',
    message,
    cause,
    status: null,
    since: fixture.iso(fixture.NOW),
    denied: null,
    meter: null,
    retry_at: null,
    keyring: null,
    reason: null,
  };
  const accounts = [fixture.card({ id: 1, name: 'Work', state: 'unreachable', failure })];
  return new FixtureBackend(fixture.overview({ accounts }));
}

describe('What a failure says', () => {
  test('what Tidemark says is in the language of the window, and no quotation', async () => {
    await renderPage(Overview, failing(unreachable, 'api.kimi.com did not answer in time'));
    setLanguage('zh-CN');
    await tick();
    const text = screen.getByRole('article', { name: 'Work' }).textContent;
    expect(text).toContain('api.kimi.com 没有及时响应');
    expect(text).not.toContain('did not answer');
    expect(text).not.toContain('原文');
  });

  test('what the service says is quoted as its words', async () => {
    await renderPage(Overview, failing(null, 'slow down, please'));
    expect(screen.getByText('slow down, please').tagName).toBe('Q');
  });

  test('a failure of Kimi Code’s own server advises nothing about keys and addresses', () => {
    const of = (id: string, args: MessageView['args'] = {}) => ({
      kind: 'unauthorized',
      cause: { id, args },
    });
    for (const id of ['server-without-usage', 'server-failed', 'server-login-refused']) {
      expect(failureName(of(id))).not.toBe(failureName({ kind: 'unauthorized' }));
      expect(failureAdvice(of(id))).not.toMatch(/base URL|region/);
    }
    expect(failureName({ kind: 'timeout', cause: unreachable })).toBe('Timed out');
  });
});
