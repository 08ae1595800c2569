import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogue as parsed, groupsOfWindow } from '../../catalogue';
import {
  asLanguage,
  codeText,
  i18n,
  intlTag,
  LANGUAGES,
  systemLanguage,
} from '../state/i18n.svelte';
import { catalogue, root, setLanguage } from './render';

const src = join(root, 'ui', 'src');

/** Every message and attribute of a catalogue, as `message` and `message.attribute`. */
function ids(language: (typeof LANGUAGES)[number]): string[] {
  const resource = new FluentResource(catalogue(language));
  return resource.body.flatMap((message) => [
    ...(message.value === null ? [] : [message.id]),
    ...Object.keys(message.attributes).map((attribute) => `${message.id}.${attribute}`),
  ]);
}

/** The variables that a message may be given, by the text between its name and the next. */
function variables(language: (typeof LANGUAGES)[number]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const part of catalogue(language).split(/^(?=[a-zA-Z])/m)) {
    const id = /^[a-zA-Z][\w-]*/.exec(part)?.[0];
    if (id === undefined || part.startsWith('#')) continue;
    found.set(id, [...new Set([...part.matchAll(/\$(\w+)/g)].map((hit) => hit[1] ?? ''))].sort());
  }
  return found;
}

function sources(folder = src): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'test' ? [] : sources(path);
    return /\.(svelte|ts)$/.test(entry.name) ? [path] : [];
  });
}

test('both catalogues have the same messages, once each', () => {
  const [en, zh] = [ids('en'), ids('zh-CN')];
  expect(zh.toSorted()).toEqual(en.toSorted());
  expect(new Set(en).size).toBe(en.length);
  expect(en.length).toBeGreaterThan(300);
});

test('Fluent can read every message', () => {
  // Fluent drops a message that it cannot read, without an error.
  for (const language of LANGUAGES) {
    const declared = catalogue(language)
      .split('\n')
      .filter((line) => /^[a-zA-Z]/.test(line))
      .map((line) => /^[\w-]+/.exec(line)?.[0]);
    const read = new FluentResource(catalogue(language)).body.map((message) => message.id);
    expect(read).toEqual(declared);
  }
});

test.each(LANGUAGES)('every message in %s has the text that Fluent gives it', (language) => {
  const source = groupsOfWindow(catalogue(language));
  const resource = new FluentResource(source);
  const bundle = new FluentBundle(language, { useIsolating: false });
  bundle.addResource(resource);
  i18n.use(language, parsed(source));
  const values = [0, 1, 2, 1234.5, 'on', '5'];
  let checked = 0;
  for (const message of resource.body) {
    const patterns = [['', message.value], ...Object.entries(message.attributes)] as const;
    for (const [attribute, pattern] of patterns) {
      if (pattern === null) continue;
      const id = attribute === '' ? message.id : `${message.id}.${attribute}`;
      expect(i18n.has(id), id).toBe(true);
      const names = JSON.stringify(pattern).matchAll(/"name":"(\w+)"/g);
      const variables = [...names].map((hit) => hit[1] ?? '');
      for (const value of variables.length > 0 ? values : [0]) {
        const args = Object.fromEntries(variables.map((name) => [name, value]));
        const fluent = bundle.formatPattern(pattern, args as Record<string, FluentVariable>);
        expect(i18n.text(id, args), id).toBe(fluent);
        checked += 1;
      }
    }
  }
  expect(checked).toBeGreaterThan(500);
});

test.each([
  ['Work', '每周额度', 'Work 的每周额度，截至 14:20。'],
  ['Work', '5 小时额度', 'Work 的 5 小时额度，截至 14:20。'],
  ['家里的电脑', '5 小时额度', '家里的电脑的 5 小时额度，截至 14:20。'],
  ['家里的电脑', '每周额度', '家里的电脑的每周额度，截至 14:20。'],
])('Chinese has spaces only beside %s and %s that are not Chinese', (name, quota, text) => {
  i18n.use('zh-CN', parsed('a = { $name } 的{ $quota }，截至 { $time }。'));
  expect(i18n.text('a', { name, quota, time: '14:20' })).toBe(text);
  expect(i18n.text('a', { name, quota, time: '昨天 14:20' })).toContain('截至昨天 14:20。');
});

test('what separates two names in Chinese stays', () => {
  i18n.use('zh-CN', parsed('a = { $name } { $quota }'));
  expect(i18n.text('a', { name: '工作', quota: '每周额度' })).toBe('工作 每周额度');
});

test('syntax that the window does not support fails its build', () => {
  for (const source of ['a = b\nc = { a }', 'a = { NUMBER($x) }', '-t = b\na = { -t }']) {
    expect(() => parsed(source)).toThrow(/understands/);
  }
});

test('translations use no variables that the original lacks', () => {
  const [en, zh] = [variables('en'), variables('zh-CN')];
  for (const [id, used] of zh) {
    for (const name of used) expect(en.get(id), `${id} uses $${name}`).toContain(name);
  }
});

test('every message id in the code is in the catalogue', () => {
  const known = ids('en');
  const missing: string[] = [];
  let named = 0;
  for (const path of sources()) {
    const text = readFileSync(path, 'utf8');
    for (const hit of text.matchAll(/\bt\(\s*(?:'([^']+)'|`([^`]+)`)/g)) {
      named += 1;
      if (hit[1] !== undefined) {
        if (!known.includes(hit[1])) missing.push(hit[1]);
      } else {
        // An id with a variable part: at least one message must match its pattern.
        const pattern = (hit[2] ?? '')
          .split(/\$\{[^}]*\}/)
          .map((part) => part.replaceAll('.', '\\.'));
        const fits = new RegExp(`^${pattern.join('[\\w-]+')}$`);
        if (!known.some((id) => fits.test(id))) missing.push(hit[2] ?? '');
      }
    }
  }
  expect(missing).toEqual([]);
  expect(named).toBeGreaterThan(200);
});

test('every code that comes from the engine has its text', () => {
  const known = ids('en');
  const source = (path: string): string => readFileSync(join(root, path), 'utf8');
  const kinds = [
    ...source('crates/core/src/failure.rs').matchAll(/FailureKind::\w+ => "([\w-]+)"/g),
  ];
  expect(kinds.length).toBeGreaterThan(10);
  for (const [, kind] of kinds) {
    expect(known).toContain(`failure-${kind}`);
    expect(known).toContain(`failure-${kind}.advice`);
  }
  const types = source('ui/src/api/types.ts');
  const words = (type: string): string[] =>
    [...(new RegExp(`type ${type} = ([^;]*);`).exec(types)?.[1] ?? '').matchAll(/"([\w-]+)"/g)].map(
      (hit) => hit[1] ?? '',
    );
  const groups = {
    CardState: 'state',
    KeyringState: 'keyring',
    TrayState: 'tray',
    Source: 'source',
    Region: 'region',
  };
  for (const [type, group] of Object.entries(groups)) {
    expect(words(type).length, type).toBeGreaterThan(1);
    for (const one of words(type)) expect(known).toContain(`${group}-${one}`);
  }
});

test('a code that this window does not know has the general text', () => {
  setLanguage('en');
  expect(codeText('failure', 'rate-limited', 'unknown')).toBe('Rate limited');
  expect(codeText('failure', 'from-the-future', 'unknown')).toBe('Unknown failure');
  expect(codeText('failure', 'from-the-future', 'unknown', 'advice')).toContain(
    'does not recognise',
  );
});

test.each([
  [['zh-CN', 'en'], 'zh-CN'],
  [['zh-TW'], 'zh-CN'],
  [['de-DE', 'zh'], 'zh-CN'],
  [['en-GB', 'zh-CN'], 'en'],
  [['de-DE'], 'en'],
  [[], 'en'],
] as const)('a system with the languages %j gets %s', (asked, language) => {
  expect(systemLanguage(asked)).toBe(language);
});

test.each([
  ['en', ['en-GB', 'zh-CN'], 'en-GB'],
  ['en', ['zh-CN'], 'en-US'],
  ['en', ['en-not a tag'], 'en-US'],
  ['zh-CN', ['en-GB'], 'zh-CN'],
  ['zh-CN', ['zh-TW'], 'zh-CN'],
] as const)('Intl for %s on a system with the languages %j uses %s', (language, asked, tag) => {
  expect(intlTag(language, asked)).toBe(tag);
});

test('a language that the window lacks is none', () => {
  expect(asLanguage('zh-CN')).toBe('zh-CN');
  expect(asLanguage('tlh')).toBeNull();
  expect(asLanguage(null)).toBeNull();
});
