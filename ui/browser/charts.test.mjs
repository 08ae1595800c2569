// The charts in Chromium, with the window's fixed answers: a span is drawn, moved, and left again; a bar opens what is
// behind it; a tooltip is whole wherever it stands.
//   node --test browser/charts.test.mjs    (after `npm run build`)
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { startBrowser, startScene, violations } from './session.mjs';

let scene;
let browser;

before(async () => {
  [scene, browser] = await Promise.all([startScene('normal'), startBrowser()]);
});

after(async () => {
  await browser?.close();
  scene?.end();
});

async function open(hash, width = 1280) {
  const page = await browser.newPage({ viewport: { width, height: 860 }, locale: 'en-GB' });
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  await page.goto(scene.url + hash);
  await page.waitForSelector('.chart .strip');
  return { page, wrong };
}

const range = (page) => page.locator('.range').innerText();

test('a span is drawn over the bars, moved on the strip, and left again', async () => {
  const { page, wrong } = await open('#/history?account=1');
  const before = await range(page);
  const plot = await page.locator('.plot').first().boundingBox();
  await page.mouse.move(plot.x + 300, plot.y + 90);
  await page.mouse.down();
  await page.mouse.move(plot.x + 400, plot.y + 90, { steps: 5 });
  await page.mouse.move(plot.x + 600, plot.y + 90, { steps: 5 });
  await page.mouse.up();
  const back = page.getByRole('button', { name: 'Back to 30 days' });
  await back.waitFor();
  const drawn = await range(page);
  assert.notEqual(drawn, before);

  const lens = await page.locator('.lens').first().boundingBox();
  await page.mouse.move(lens.x + lens.width / 2, lens.y + lens.height / 2);
  await page.mouse.down();
  await page.mouse.move(lens.x - 150, lens.y + lens.height / 2, { steps: 8 });
  await page.mouse.up();
  await page.waitForFunction((text) => document.querySelector('.range').innerText !== text, drawn);

  await page.getByRole('button', { name: /^Back to / }).click();
  await page.waitForFunction((text) => document.querySelector('.range').innerText === text, drawn);
  await back.click();
  await page.waitForFunction((text) => document.querySelector('.range').innerText === text, before);
  assert.deepEqual(wrong, []);
  await page.close();
});

test('by keys: a bar is opened and closed, the view zoomed and left, and the focus stays', async () => {
  const { page, wrong } = await open('#/history?account=1');
  const chart = page.getByRole('slider').first();
  await chart.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.locator('.details').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.details').waitFor({ state: 'detached' });
  const before = await range(page);
  await page.keyboard.press('+');
  await page.waitForFunction((text) => document.querySelector('.range').innerText !== text, before);
  assert.ok(await chart.evaluate((element) => element === document.activeElement));
  await page.keyboard.press('Backspace');
  await page.waitForFunction((text) => document.querySelector('.range').innerText === text, before);
  assert.ok(await chart.evaluate((element) => element === document.activeElement));
  assert.deepEqual(wrong, []);
  await page.close();
});

for (const width of [360, 1280]) {
  test(`at ${width} px every tooltip is whole and inside the window`, async () => {
    const { page } = await open('#/history?account=1', width);
    const plot = page.locator('.plot').first();
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    let seen = 0;
    for (let x = 60; x < box.width - 4; x += (box.width - 64) / 12) {
      await page.mouse.move(box.x + x, box.y + 90);
      // Its place depends on its size, which is known a frame later.
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      const tip = page.locator('.tip');
      if ((await tip.count()) === 0) continue;
      seen += 1;
      const shown = await tip.boundingBox();
      assert.ok(shown.x >= 0 && shown.x + shown.width <= width, JSON.stringify(shown));
      assert.ok(shown.y >= 0 && shown.y + shown.height <= 860, JSON.stringify(shown));
      const letters = await tip.evaluate((element) =>
        [...element.querySelectorAll('dt:not(.alone)')].every((dt) => dt.offsetHeight < 30),
      );
      assert.ok(letters, 'a name in a tooltip stands letter under letter');
    }
    assert.ok(seen >= 8, `${seen} tooltips`);
    await page.close();
  });
}

test('a calendar begins at its newest days where not all have room', async () => {
  const { page } = await open('#/history?account=1');
  await page.setViewportSize({ width: 360, height: 800 });
  await page.getByRole('button', { name: 'Calendar', exact: true }).click();
  const calendar = page.locator('.calendar .scroll').first();
  await calendar.waitFor();
  const isInSight = () =>
    calendar.evaluate((element) => {
      const days = [...element.querySelectorAll('[data-day]')].map((one) => one.dataset.day).sort();
      const cell = element.querySelector(`[data-day="${days.at(-1)}"]`);
      const [box, around] = [cell.getBoundingClientRect(), element.getBoundingClientRect()];
      return box.right <= around.right + 1 && box.left >= around.left;
    });
  assert.ok(await isInSight());
  await page.close();
});

test('each view of a history, and a picture of a chart, without faults', async () => {
  const { page, wrong } = await open('#/history?account=1');
  for (const tab of ['Calendar', 'Cycles', 'Hours', 'Compare']) {
    await page.getByRole('button', { name: tab, exact: true }).click();
    await page.locator('.closer table').first().waitFor();
    assert.deepEqual(await violations(page), [], tab);
  }
  await page.getByRole('button', { name: 'Chart', exact: true }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.getByRole('menuitem', { name: 'Picture (PNG)' }).click();
  const file = readFileSync(await (await download).path());
  assert.equal(file.subarray(1, 4).toString(), 'PNG');
  assert.ok(file.length > 5000, `${file.length} bytes`);
  assert.deepEqual(wrong, []);
  await page.close();
});
