// The page that `tidemark serve` gives to browsers: how its token comes and goes, on a phone, and several at once.
//   npm run test:browser    (after `npm run build` and a build of `tidemark` and `tidemark-simulator`)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { open as openPage, program, started, startBrowser, violations, here } from './session.mjs';

const BASE = '/team/tidemark/';
const folder = mkdtempSync(join(tmpdir(), 'tidemark-serve-'));
const tokenFile = join(folder, 'token');

let browser;
let simulator;
let account;
let served;
let readOnly;
let demo;
const children = [];

/** `tidemark serve` over a data folder of its own, with one account of a simulated service. */
async function serve(environment, args) {
  const all = [
    'serve',
    '--listen',
    '127.0.0.1:0',
    '--ui',
    here('../dist'),
    '--token-file',
    tokenFile,
  ];
  const { child, line } = await started(program('tidemark'), [...all, ...args], environment);
  children.push(child);
  const { url } = JSON.parse(line);
  return { url: `${url}/`, token: readFileSync(tokenFile, 'utf8').trim() };
}

before(async () => {
  browser = await startBrowser();
  const { child, line } = await started(program('tidemark-simulator'), [
    '--scenario',
    'one-platform',
  ]);
  children.push(child);
  simulator = JSON.parse(line);
  [account] = simulator.accounts;
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    TIDEMARK_DATA_DIR: join(folder, 'data'),
    TIDEMARK_STAND_IN: simulator.url,
    A_KEY: account.key,
  };
  const where = ['--source', account.source, '--region', account.region];
  execFileSync(
    program('tidemark'),
    ['account', 'add', 'work', ...where, '--base-url', account.base_url, '--key-env', 'A_KEY'],
    { env: environment, stdio: 'ignore' },
  );
  served = await serve(environment, ['--base-path', BASE]);
  readOnly = await serve(environment, ['--read-only']);
  demo = await serve(environment, ['--demo']);
});

after(async () => {
  await browser?.close();
  for (const child of children.reverse()) child.kill();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (where, path, options = {}) =>
  fetch(new URL(`v1/${path}`, where.url), {
    ...options,
    headers: { authorization: `Bearer ${where.token}`, 'content-type': 'application/json' },
  });

test('the token of the link goes to the tab’s storage and out of the address', async () => {
  const { page, messages, close } = await openPage(browser, served, 'history');
  assert.equal(new URL(page.url()).pathname, BASE);
  assert.equal(new URL(page.url()).hash.split('?')[0], '#/history');
  assert.equal(await page.evaluate(() => history.length <= 2), true);
  assert.equal(await page.evaluate(() => sessionStorage.getItem('tidemark-token')), served.token);
  assert.equal(await page.evaluate(() => localStorage.getItem('tidemark-token')), null);
  const asked = await page.evaluate(() =>
    performance.getEntriesByType('resource').map((one) => one.name),
  );
  assert.ok(asked.some((url) => url.includes(`${BASE}v1/overview`)));
  assert.ok(!asked.some((url) => url.includes(served.token)));
  await page.reload();
  await page.waitForSelector('main h1');
  assert.deepEqual(messages, []);
  await close();
});

test('the page itself holds no data and asks for the token where there is none', async () => {
  const text = await (await fetch(served.url)).text();
  assert.ok(!text.includes('work') && !text.includes(served.token));
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(served.url);
  const field = page.locator('input[type=password]');
  await field.waitFor();
  assert.deepEqual(await violations(page), []);
  await field.fill('a wrong token, which is refused');
  await page.keyboard.press('Enter');
  await page.waitForLoadState('load');
  await field.waitFor();
  await field.fill(served.token);
  await page.locator('input[type=checkbox]').check();
  await page.keyboard.press('Enter');
  await page.locator('main h1', { hasNotText: 'Sign in' }).waitFor();
  assert.equal(
    await page.evaluate(() => localStorage.getItem('tidemark-token')),
    served.token,
    'kept on this device, as was asked for',
  );
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`pages are accessible on a phone and no wider than it (${colorScheme})`, async () => {
    for (const name of ['overview', 'history', 'use', 'findings']) {
      const { page, messages, close } = await openPage(browser, demo, name, {
        colorScheme,
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      });
      assert.deepEqual(await violations(page), [], name);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(wide, 0, name);
      assert.deepEqual(messages, [], name);
      await close();
    }
  });
}

test('it can be installed', async () => {
  const { page, close } = await openPage(browser, served, 'overview');
  const cdp = await page.context().newCDPSession(page);
  const { errors, url } = await cdp.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const manifest = await (await fetch(url)).json();
  for (const icon of manifest.icons) {
    assert.equal((await fetch(new URL(icon.src, url))).status, 200, icon.src);
  }
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  const left = installabilityErrors.map((one) => one.errorId);
  // A window of a test is a private one.
  assert.deepEqual(
    left.filter((id) => id !== 'in-incognito'),
    [],
  );
  await close();
});

test('two browsers see an event within two seconds', async () => {
  const both = await Promise.all(
    [served, readOnly].map((where) => openPage(browser, where, 'findings')),
  );
  const shown = (page) => page.locator('main').innerText();
  const before = await Promise.all(both.map(({ page }) => shown(page)));
  const happened = await fetch(`${simulator.control}events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account: account.name, event: 'top-up', amount: '33.25' }),
  });
  assert.equal(happened.status, 200, await happened.text());
  assert.ok(before.every((text) => !text.includes('33.25')));
  const [{ id }] = await (await ask(served, 'accounts')).json();
  assert.equal(
    (await ask(served, `accounts/${id}/test`, { method: 'POST', body: '{}' })).status,
    200,
  );
  await Promise.all(
    both.map(({ page }) =>
      page.waitForFunction(
        () => document.querySelector('main')?.textContent?.includes('33.25'),
        null,
        { timeout: 2000, polling: 20 },
      ),
    ),
  );
  for (const { messages, close } of both) {
    assert.deepEqual(messages, []);
    await close();
  }
});

test('a read-only page refuses changes in the server', async () => {
  for (const [method, path] of [
    ['POST', 'refresh'],
    ['PATCH', 'settings'],
    ['POST', 'findings/seen'],
    ['DELETE', 'accounts/1'],
  ]) {
    const answer = await ask(readOnly, path, { method, body: '{}' });
    assert.equal(answer.status, 403, `${method} ${path}`);
    assert.equal((await answer.json()).code, 'read-only');
  }
});
