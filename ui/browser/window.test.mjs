// The window's code in Chromium, with a real agent on sample data: every page opens without console errors, is
// accessible, and works by keyboard alone.
//   npm run test:browser    (after `npm run build` and a build of `tidemark`)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open as openPage, startAgent, startBrowser, violations } from './session.mjs';

const NUMBERED = ['overview', 'history', 'use', 'findings', 'accounts', 'settings'];
const PAGES = [...NUMBERED, 'machines'];

let agent;
let browser;

before(async () => {
  [agent, browser] = await Promise.all([startAgent(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  agent?.end();
});

const open = (hash, options) => openPage(browser, agent, hash, options);

for (const name of PAGES) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${name} opens without console errors and is accessible (${colorScheme})`, async () => {
      // A transition that axe meets half-way has colours of its own.
      const { page, messages, close } = await open(name, { colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(messages, []);
      await close();
    });
  }
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
    assert.deepEqual(messages, []);
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
    assert.equal((await fetch(agent.url + path)).status, 401, path);
    const wrong = await fetch(agent.url + path, { headers: { authorization: 'Bearer 0' } });
    assert.equal(wrong.status, 401, path);
  }
});
