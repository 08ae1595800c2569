// Events, cases and the report in Chromium: journeys with a real agent on sample data, and every page in the states that
// sample data has not, with fixed answers.
//   npm run test:browser    (after `npm run build` and a build of `tidemark`)
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  open,
  smallTargets,
  startAgent,
  startBrowser,
  startScene,
  violations,
} from './session.mjs';

const PAGES = ['overview', 'history', 'use', 'findings', 'accounts', 'settings', 'machines'];
let agent;
let browser;

before(async () => {
  [agent, browser] = await Promise.all([startAgent(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  agent?.end();
});

test('what needs attention leads to its case, which is described step by step', async () => {
  const { page, messages, settled, close } = await open(browser, agent, 'findings');
  const first = page.locator('.attention li a[href*="finding="]').first();
  const title = await first.textContent();
  await first.click();
  const opened = page.locator('details[open]').filter({ has: page.locator('.story') });
  await opened.waitFor();
  await settled();
  assert.ok((await opened.locator('summary').first().textContent()).includes(title));
  const steps = await opened.locator('.story h3').allTextContents();
  // Whether something was announced near it depends on the day on which the sample begins.
  assert.deepEqual(
    steps.filter((step) => step !== 'What was announced' || steps[0] !== step),
    [
      'What happened',
      'What was expected',
      'What your logs show',
      'What it cost',
      'What came of it',
    ],
  );
  await opened.locator('svg[role=img]').waitFor();
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(messages, []);
  await close();
});

test('an anomaly is reported: the text is copied in either language, and names no account', async () => {
  const { page, settled, close } = await open(browser, agent, 'findings?kind=anomaly', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await page.locator('.attention li a[href*="finding="]').first().click();
  await page.getByRole('button', { name: 'Report to Kimi' }).click();
  const text = page.locator('.steps textarea');
  await page.waitForFunction(() => document.querySelector('.steps textarea')?.value.length > 100);
  const english = await text.inputValue();
  assert.match(english, /Hello,/);
  assert.doesNotMatch(english, /report-|says-|\{/, 'every message has its text');
  await page.locator('.steps').getByRole('button', { name: '简体中文' }).click();
  await page.waitForFunction(() => /您好/.test(document.querySelector('.steps textarea')?.value));
  await page.locator('.steps').getByRole('button', { name: 'Copy' }).click();
  await page.locator('.toast').getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await text.inputValue());
  for (const name of await page.locator('summary .who span:first-child').allTextContents()) {
    assert.ok(!copied.includes(name) && !english.includes(name), `${name} is in the text`);
  }
  await settled();
  assert.deepEqual(await violations(page), []);
  await close();
});

test('marking all as read is undone by its message', async () => {
  const { page, settled, close } = await open(browser, agent, 'findings');
  const unread = page.locator('summary.fresh');
  const before = await unread.count();
  assert.ok(before > 0);
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await settled();
  await page.reload();
  await page.waitForSelector('summary.fresh');
  await settled();
  assert.equal(await unread.count(), before);
  await close();
});

test('forecasts in hindsight open beside what came', async () => {
  const { page, settled, close } = await open(browser, agent, 'findings');
  await page.locator('details.past summary').click();
  await page.locator('details.past tbody tr').first().waitFor();
  await settled();
  assert.match(
    await page.locator('details.past').textContent(),
    /\d+ could be checked: \d+ right, \d+ wrong\./,
  );
  assert.deepEqual(await violations(page), []);
  await close();
});

for (const [language, said] of [
  ['en', ['Evidence report', 'How much', 'Why it cannot be right', 'Appendix']],
  ['zh-CN', ['证据报告', '涉及额度与金额', '异常之处', '附录']],
]) {
  test(`a saved report says the case on its first page, and is printed (${language})`, async () => {
    const { page, close } = await open(browser, agent, 'findings?kind=anomaly');
    await page.locator('.attention li a[href*="finding="]').first().click();
    await page.getByRole('button', { name: 'Report to Kimi' }).click();
    await page.getByRole('button', { name: 'Save report' }).click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByRole('button', { name: language === 'en' ? 'English' : '简体中文' }).click();
    const download = page.waitForEvent('download');
    await dialog.locator('button.primary').click();
    const html = readFileSync(await (await download).path(), 'utf8');
    await close();

    const context = await browser.newContext({ viewport: { width: 680, height: 1009 } });
    const report = await context.newPage();
    await report.emulateMedia({ media: 'print' });
    await report.setContent(html);
    const body = await report.locator('body').innerText();
    const places = said.map((part) => body.indexOf(part));
    assert.ok(
      places.every((place, index) => place >= 0 && place > (places[index - 1] ?? -1)),
      `${said} are at ${places}`,
    );
    assert.doesNotMatch(
      body,
      /(report|says|anomaly)-[a-z]+-?[a-z]*\b(?!\.)/,
      'every text is there',
    );
    // A4 within its margins is 1009 pixels high.
    const end = await report
      .locator('.cases')
      .evaluate((one) => one.getBoundingClientRect().bottom);
    assert.ok(end <= 1009, `the first page is ${end} pixels high`);
    const wide = await report.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 680, `it is ${wide} wide`);
    assert.deepEqual(await violations(report), []);
    const pdf = await report.pdf({ preferCSSPageSize: true, printBackground: true });
    assert.ok(pdf.length > 20_000);
    await context.close();
  });
}

test('a change of page moves the focus to its heading', async () => {
  const { page, settled, close } = await open(browser, agent, 'overview');
  for (const name of ['history', 'use', 'findings', 'accounts', 'settings']) {
    await page.locator(`nav a[href="#/${name}"]`).click();
    await page.waitForFunction((hash) => location.hash.startsWith(hash), `#/${name}`);
    await settled();
    const focused = await page.evaluate(() => document.activeElement?.closest('main') !== null);
    assert.ok(focused, `${name}: the focus is not in the page`);
  }
  await close();
});

test('no control is too small to be hit', async () => {
  for (const name of PAGES) {
    const { page, close } = await open(browser, agent, name, {
      viewport: { width: 400, height: 860 },
    });
    assert.deepEqual(await smallTargets(page), [], name);
    await close();
  }
});

for (const scene of ['empty', 'troubled', 'long']) {
  test(`every page is accessible in the state “${scene}”`, async () => {
    const server = await startScene(scene);
    for (const name of PAGES) {
      const { page, messages, close } = await open(browser, server, name);
      assert.deepEqual(await violations(page), [], name);
      assert.deepEqual(messages, [], name);
      await close();
    }
    server.end();
  });
}

test('what is chosen differs from what is not where the system’s colours are forced', async () => {
  const { page, close } = await open(browser, agent, 'findings', { forcedColors: 'active' });
  const look = (selector) =>
    page
      .locator(selector)
      .first()
      .evaluate((one) => {
        const style = getComputedStyle(one);
        return [
          style.backgroundColor,
          style.color,
          style.borderTopWidth,
          style.borderTopColor,
        ].join();
      });
  assert.notEqual(
    await look('.segments button[aria-pressed=true]'),
    await look('.segments button[aria-pressed=false]'),
  );
  assert.notEqual(await look('nav a[aria-current=page]'), await look('nav a:not([aria-current])'));
  await close();
});
