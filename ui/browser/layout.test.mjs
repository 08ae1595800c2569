// How the pages are laid out in Chromium, with fixed answers: widths, text sizes, cards without holes, nothing that moves
// while it loads, and nothing called live once the agent is gone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { follow } from '../dev/settled.mjs';
import { startBrowser, startScene } from './session.mjs';

const PAGES = ['overview', 'history', 'use', 'findings', 'accounts', 'settings', 'machines'];
let browser;
let normal;
let many;
before(async () => {
  [normal, many, browser] = await Promise.all([
    startScene('normal'),
    startScene('many'),
    startBrowser(),
  ]);
});

after(async () => {
  await browser?.close();
  normal?.end();
  many?.end();
});

async function open(url, hash, [width, height], script) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  if (script !== undefined) await page.addInitScript(script);
  const settled = follow(page);
  await page.goto(`${url}#/${hash}`);
  await page.locator('main h1').first().waitFor();
  await settled();
  return { page, settled, close: () => context.close() };
}

for (const width of [320, 360, 640, 2560]) {
  test(`no page scrolls sideways at ${width} px`, async () => {
    const { page, settled, close } = await open(normal.url, 'overview', [width, 860]);
    for (const name of PAGES) {
      await page.evaluate((to) => (location.hash = `/${to}`), name);
      await page.locator('main h1').first().waitFor();
      await settled();
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(over, 0, name);
    }
    await close();
  });
}

for (const [width, columns] of [
  [1280, 2],
  [2560, 5],
]) {
  test(`cards lie in columns without holes at ${width} px`, async () => {
    const { page, settled, close } = await open(many.url, 'overview', [width, 1400], () => {
      localStorage.setItem('tidemark-overview', '{"dense":false}');
    });
    await page.getByRole('button', { name: 'Show one by one' }).first().click();
    // All cards are drawn, with their days, and placed.
    await page.waitForFunction(() => {
      const cells = [...document.querySelectorAll('.cards > div')];
      return (
        cells.length === 100 &&
        cells.every((cell) => cell.style.position === 'absolute') &&
        document.querySelector('.day-bars.loading') === null
      );
    });
    await settled();
    const boxes = await page.evaluate(() =>
      [...document.querySelectorAll('article')].map((card) => {
        const { left, top, bottom } = card.getBoundingClientRect();
        return { left: Math.round(left), top, bottom };
      }),
    );
    const lefts = [...new Set(boxes.map(({ left }) => left))];
    assert.equal(lefts.length, columns);
    for (const left of lefts) {
      const column = boxes.filter((box) => box.left === left).sort((a, b) => a.top - b.top);
      for (const [index, box] of column.slice(1).entries()) {
        const gap = box.top - column[index].bottom;
        assert.ok(gap >= 8 && gap <= 24, `${gap} px below a card at ${left}`);
      }
    }
    await close();
  });
}

test('no label of the next resets covers another', async () => {
  for (const size of [
    [360, 860],
    [1280, 860],
  ]) {
    const { page, close } = await open(normal.url, 'overview', size);
    const clash = await page.evaluate(() => {
      const labels = [
        ...document.querySelectorAll(
          '.resets .name, .resets .label, .resets .texts:not(.beside), .resets .axis-line span',
        ),
      ]
        .filter((label) => label.getClientRects().length > 0)
        .map((label) => ({ text: label.textContent, box: label.getBoundingClientRect() }));
      for (const [index, one] of labels.entries()) {
        for (const other of labels.slice(index + 1)) {
          const apart =
            one.box.right <= other.box.left ||
            other.box.right <= one.box.left ||
            one.box.bottom <= other.box.top ||
            other.box.bottom <= one.box.top;
          if (!apart) return `${one.text} and ${other.text}`;
        }
      }
      return '';
    });
    assert.equal(clash, '', `at ${size[0]} px`);
    await close();
  }
});

test('text at twice its size is twice as large everywhere, axes and icons too', async () => {
  const { page, close } = await open(normal.url, 'overview', [1280, 1400]);
  const sizes = () =>
    page.evaluate(() => ({
      axis: parseFloat(getComputedStyle(document.querySelector('.axis-row')).fontSize),
      answer: parseFloat(getComputedStyle(document.querySelector('.answer')).fontSize),
      icon: document.querySelector('nav .icon').getBoundingClientRect().width,
    }));
  const before = await sizes();
  await page.addStyleTag({ content: 'html { font-size: 187.5% !important }' });
  const now = await sizes();
  for (const name of ['axis', 'answer', 'icon']) {
    assert.ok(Math.abs(now[name] / before[name] - 2) < 0.02, `${name}: ${now[name]}`);
  }
  await close();
});

for (const [name, size, scale] of [
  ['at 320 px', [320, 860], 1],
  ['in text of twice the size', [1280, 860], 2],
]) {
  test(`names and numbers of cards do not break ${name}`, async () => {
    const { page, settled, close } = await open(normal.url, 'overview', size);
    await page.addStyleTag({ content: `html { font-size: ${93.75 * scale}% !important }` });
    await settled();
    const broken = await page.evaluate(() => {
      const lines = (node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
      };
      const numbers = [...document.querySelectorAll('article .money, article .used span')]
        .filter((one) => lines(one) > 1)
        .map((one) => one.textContent);
      // A name has most of its card’s width, and a line of it more than a few letters.
      const names = [...document.querySelectorAll('article h2')]
        .filter((one) => one.clientWidth < 0.6 * one.closest('article').clientWidth)
        .map((one) => one.textContent);
      return [...numbers, ...names];
    });
    assert.deepEqual(broken, []);
    await close();
  });
}

test('nothing on the overview moves while it loads', async () => {
  const { page, settled, close } = await open(normal.url, 'overview', [1280, 860], () => {
    globalThis.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  // Everything that is loaded after the cards is there.
  await page.locator('.day-bars svg').first().waitFor();
  await page.getByText('this month').first().waitFor();
  await settled();
  const shift = await page.evaluate(() => globalThis.shift);
  // Below 0.1 is good by the measure’s own scale.
  assert.ok(shift < 0.05, `cumulative layout shift ${shift}`);
  await close();
});

test('once the agent is gone nothing is called live, and nothing can be refreshed', async () => {
  const agent = await startScene('normal');
  const { page, close } = await open(agent.url, 'overview', [1280, 860]);
  agent.end();
  await page.locator('.lost-banner').waitFor();
  const text = await page.locator('main').textContent();
  assert.doesNotMatch(text, /\bLive\b|next update|next try|likely to last/i);
  assert.ok(await page.getByRole('button', { name: 'Refresh', exact: true }).isDisabled());
  assert.ok(await page.getByRole('button', { name: 'Pause', exact: true }).isDisabled());
  await close();
});
