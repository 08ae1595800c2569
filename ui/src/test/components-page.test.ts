// The page of components of the development server leaves none out.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ui = process.cwd();
const folder = join(ui, 'src', 'components');

/** The components that a Svelte file shows, and those that these show. */
function shownBy(file: string, found = new Set<string>()): Set<string> {
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/\/(\w+)\.svelte'/g)) {
    if (found.has(name) || !all.includes(name)) continue;
    found.add(name);
    shownBy(join(folder, `${name}.svelte`), found);
  }
  return found;
}

const all = readdirSync(folder).map((file) => file.replace('.svelte', ''));

/** Large parts of one page each, which is photographed itself, and dialogs, which cover the page they are on. */
const ELSEWHERE = [
  'Notices',
  'NotificationSettings',
  'ChannelSettings',
  'GuardSettings',
  'BudgetSettings',
  'UpdateLines',
  'Modal',
];
const isElsewhere = (name: string): boolean => ELSEWHERE.includes(name) || name.endsWith('Dialog');

/** The pages that are made of components alone; the others have charts, events and machines of their own. */
const PAGES = ['App', 'pages/Overview', 'pages/Accounts', 'pages/Settings', 'pages/Welcome'];

test('every component of the frame and of these pages is on the page of components', () => {
  const used = new Set(PAGES.flatMap((page) => [...shownBy(join(ui, 'src', `${page}.svelte`))]));
  expect(used.size).toBeGreaterThan(25);
  const shown = shownBy(join(ui, 'dev', 'Components.svelte'));
  expect([...used].filter((name) => !shown.has(name) && !isElsewhere(name))).toEqual([]);
  expect([...shown].filter(isElsewhere)).toEqual([]);
});
