// Shows a page as the window would, with a backend of made-up answers.
import { render, waitFor } from '@testing-library/svelte';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from 'svelte';
import { expect, onTestFinished } from 'vitest';
import { catalogue as parsed } from '../../catalogue';
import { Session, SESSION_KEY } from '../state/session.svelte';
import { i18n, type Language } from '../state/i18n.svelte';
import { FixtureBackend } from './fixture-backend';

/** The project's folder; the tests run in `ui`. */
export const root = join(process.cwd(), '..');

export const catalogue = (language: Language): string =>
  readFileSync(join(root, 'locales', `${language}.ftl`), 'utf8');

export function speak(language: Language): void {
  i18n.use(language, parsed(catalogue(language)));
}

/** A session that has its first answer, or was refused it; it ends with the test. */
export async function begin(backend: FixtureBackend): Promise<Session> {
  const session = new Session(backend);
  onTestFinished(() => session.stop());
  await session.start();
  return session;
}

export async function show(
  page: Component,
  backend: FixtureBackend = new FixtureBackend(),
): Promise<{ session: Session; backend: FixtureBackend; container: HTMLElement }> {
  const session = await begin(backend);
  const { container } = render(page, { context: new Map([[SESSION_KEY, session]]) });
  await waitFor(() => expect(container.querySelector('h1')).not.toBeNull());
  return { session, backend, container };
}
