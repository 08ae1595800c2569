// The window's code in Chromium, with a real agent on sample data: every page opens without console errors, is
// accessible, and works by keyboard alone.
//   npm run test:browser    (after `npm run build` and a build of `tidemark`)
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { follow } from '../dev/settled.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = process.env.TIDEMARK_BIN_DIR ?? here('../../target/debug');
const axe = readFileSync(here('../node_modules/axe-core/axe.min.js'), 'utf8');
const NUMBERED = ['overview', 'history', 'use', 'findings', 'accounts', 'settings'];
const PAGES = [...NUMBERED, 'machines'];

let agent;
let browser;
let where;

before(async () => {
  const program = `${folder}/tidemark`;
  assert.ok(existsSync(program), `${program} is missing; build it first: cargo build -p tidemark`);
  const args = [
    'agent',
    '--demo',
    '--no-tray',
    '--while-stdin',
    '--listen',
    '127.0.0.1:0',
    '--ui',
    here('../dist'),
  ];
  agent = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: agent.stdout });
  const [line] = await Promise.race([
    new Promise((done) => lines.once('line', (text) => done([text]))),
    new Promise((_, fail) =>
      agent.once('exit', (code) => fail(new Error(`the agent ended with ${code}`))),
    ),
  ]);
  where = JSON.parse(line);
  browser = await chromium.launch({
    executablePath: process.env.TIDEMARK_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
});

after(async () => {
  await browser?.close();
  agent?.stdin.end();
});

async function open(hash, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  const settled = follow(page);
  const messages = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) messages.push(message.text());
  });
  page.on('pageerror', (error) => messages.push(String(error)));
  await page.goto(`${where.url}/?token=${where.token}#/${hash}`);
  await page.locator('main h1').first().waitFor();
  await settled();
  return { page, messages, settled, close: () => context.close() };
}

for (const name of PAGES) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${name} opens without console errors and is accessible (${colorScheme})`, async () => {
      // A transition that axe meets half-way has colours of its own.
      const { page, messages, close } = await open(name, { colorScheme, reducedMotion: 'reduce' });
      await page.addScriptTag({ content: axe }).catch(() => page.evaluate(axe));
      const violations = await page.evaluate(async () => {
        const result = await globalThis.axe.run();
        return result.violations.map(
          (v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`,
        );
      });
      assert.deepEqual(violations, []);
      assert.deepEqual(
        messages.filter((text) => !text.includes('Content Security Policy')),
        [],
      );
      await close();
    });
  }
}

async function violations(page) {
  await page.addScriptTag({ content: axe }).catch(() => page.evaluate(axe));
  return page.evaluate(async () => {
    const result = await globalThis.axe.run();
    return result.violations.map(
      (v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`,
    );
  });
}

for (const colorScheme of ['light', 'dark']) {
  test(`a finding opens by keyboard, and so does the report (${colorScheme})`, async () => {
    const { page, messages, settled, close } = await open('findings', {
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 480, height: 860 },
    });
    const first = page.locator('main details summary').first();
    await first.focus();
    await page.keyboard.press('Enter');
    await page.locator('main details[open] > div').first().waitFor();
    await settled();
    assert.deepEqual(await violations(page), []);
    await page.locator('.page-head button').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog[open] input[type=date]').first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('dialog') === null);
    assert.deepEqual(
      messages.filter((text) => !text.includes('Content Security Policy')),
      [],
    );
    await close();
  });
}

test('an export is saved by the browser', async () => {
  const { page, close } = await open('findings');
  await page.locator('.page-head button').nth(1).click();
  const download = page.waitForEvent('download');
  await page.locator('dialog button.primary').click();
  assert.match((await download).suggestedFilename(), /^tidemark-export-.*\.csv$/);
  await close();
});

test('no page scrolls sideways, however narrow', async () => {
  for (const name of PAGES) {
    const { page, close } = await open(name, { viewport: { width: 360, height: 740 } });
    const [wide, shown] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    assert.ok(wide <= shown, `${name} is ${wide} wide on ${shown}`);
    await close();
  }
});

test('the number keys go to the pages', async () => {
  const { page, close } = await open('overview');
  for (const [place, name] of NUMBERED.entries()) {
    await page.keyboard.press(String(place + 1));
    await page.waitForFunction(
      (hash) => location.hash.startsWith(hash),
      `#/${name === 'overview' ? '' : name}`,
    );
  }
  await close();
});

test('without the token every request is refused', async () => {
  for (const path of ['/v1/overview', '/v1/events', '/v1/accounts']) {
    assert.equal((await fetch(where.url + path)).status, 401, path);
    const wrong = await fetch(where.url + path, { headers: { authorization: 'Bearer 0' } });
    assert.equal(wrong.status, 401, path);
  }
});
