import { waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import * as fixture from '../../dev/fixture.mjs';
import Accounts from '../pages/Accounts.svelte';
import Findings from '../pages/Findings.svelte';
import History from '../pages/History.svelte';
import Machines from '../pages/Machines.svelte';
import Overview from '../pages/Overview.svelte';
import Settings from '../pages/Settings.svelte';
import UsagePage from '../pages/Usage.svelte';
import Welcome from '../pages/Welcome.svelte';
import { FixtureBackend } from './fixture-backend';
import { audit, resetPage, renderPage, setLanguage } from './render';

const PAGES = {
  Overview,
  History,
  Usage: UsagePage,
  Findings,
  Accounts,
  Settings,
  Machines,
  Welcome,
};

beforeEach(resetPage);

describe.each(['en', 'zh-CN'] as const)('in %s', (language) => {
  test.each(Object.entries(PAGES))('%s is accessible and has all its texts', async (_, page) => {
    const backend = new FixtureBackend(undefined, {
      'GET /v1/settings': () => ({ ...fixture.settings(), language }),
    });
    const { container } = await renderPage(page, backend);
    setLanguage(language);
    await waitFor(() =>
      expect(container.querySelectorAll('button, input').length).toBeGreaterThan(1),
    );
    await new Promise((done) => setTimeout(done, 0));
    expect(await audit(container)).toEqual([]);
    // A missing message is shown as its id.
    expect(container.textContent).not.toMatch(/\b[a-z]+-[a-z0-9-]+\.about\b|\{\s*\$/);
    expect(container.textContent).not.toMatch(/undefined|NaN|\[object/);
    const chinese = /[\u4e00-\u9fff]/.test(container.querySelector('h1')?.textContent ?? '');
    expect(chinese).toBe(language === 'zh-CN');
  });
});
