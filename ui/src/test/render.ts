// Renders pages as the window does, with a fixture backend.
import { render, waitFor } from '@testing-library/svelte';
import axe from 'axe-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from 'svelte';
import { expect, onTestFinished, vi } from 'vitest';
import { catalogue as parsed } from '../../catalogue';
import { Session, SESSION_KEY } from '../state/session.svelte';
import { i18n, type Language } from '../state/i18n.svelte';
import { parse, route } from '../state/route.svelte';
import { NOW } from '../../dev/fixture.mjs';
import { FixtureBackend } from './fixture-backend';

/** The project's folder; the tests run in `ui`. */
export const root = join(process.cwd(), '..');

export const catalogue = (language: Language): string =>
  readFileSync(join(root, 'locales', `${language}.ftl`), 'utf8');

export function setLanguage(language: Language): void {
  i18n.use(language, parsed(catalogue(language)));
}

/**
 * A session after its first request. It is stopped at the end of the test. The clock stands still, or else what a page
 * says of the time left would depend on how long the test takes.
 */
export async function startSession(backend: FixtureBackend): Promise<Session> {
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  const session = new Session(backend);
  onTestFinished(() => session.stop());
  await session.start();
  return session;
}

export async function renderPage(
  page: Component,
  backend: FixtureBackend = new FixtureBackend(),
): Promise<{ session: Session; backend: FixtureBackend; container: HTMLElement }> {
  const session = await startSession(backend);
  const { container } = render(page, { context: new Map([[SESSION_KEY, session]]) });
  await waitFor(() => expect(container.querySelector('h1')).not.toBeNull());
  return { session, backend, container };
}

/** The state in which each test of a page starts: English, the overview, no stored preferences. */
export function resetPage(): void {
  setLanguage('en');
  localStorage.clear();
  location.hash = '#/overview';
  route.place = parse(location.hash);
}

/** The violations that axe finds, without the rules that need layout or a whole document: jsdom has neither. */
export async function audit(container: HTMLElement): Promise<string[]> {
  const result = await axe.run(container, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  expect(result.passes.length).toBeGreaterThan(5);
  return result.violations.map(
    (violation) =>
      `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
  );
}
