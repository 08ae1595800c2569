// The page of all components of the development server shows every component, or the reason is here.
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

/** Parts of one page each, which is photographed itself. */
const ON_THEIR_PAGES = [
  ...['ExchangeItem', 'MachineFacts', 'MachineHead', 'MachineSelect', 'SessionLogs', 'RateTable'],
  ...['BreakdownList', 'FailureItem', 'FindingItem', 'TimelineItem', 'TimeRangePicker'],
  ...['Notices', 'NotificationSettings', 'UpdateLines'],
];
/** Dialogs, which cover the page that they are on. */
const DIALOGS = [
  ...['AddMachineDialog', 'HelpDialog', 'Modal', 'RemoveAccountDialog', 'RemoveMachineDialog'],
  'SaveDialog',
];

test('every component is on the page of components, or it is known why not', () => {
  const shown = shownBy(join(ui, 'dev', 'Components.svelte'));
  const missing = all.filter((name) => !shown.has(name));
  expect(missing.filter((name) => ![...ON_THEIR_PAGES, ...DIALOGS].includes(name))).toEqual([]);
  expect([...ON_THEIR_PAGES, ...DIALOGS].filter((name) => shown.has(name))).toEqual([]);
});
