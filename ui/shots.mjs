// Takes screenshots of every page of a running window in both themes and languages, narrow and wide.
// node shots.mjs URL TOKEN OUTDIR [only]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { photographComponents } from './dev/components-shots.mjs';
import { follow } from './dev/settled.mjs';

const [url = '', token = '', out = 'shots', only = ''] = process.argv.slice(2);
if (url === '') {
  console.error('node shots.mjs URL TOKEN OUTDIR [part of a name]');
  process.exit(2);
}
const PAGES = ['overview', 'history', 'use', 'findings', 'accounts', 'settings', 'machines'];
const SIZES = { narrow: [400, 860], wide: [1280, 860] };

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--force-color-profile=srgb',
  ],
});
let failed = 0;

/** Language and theme are settings of the engine. They are reset at the end. */
async function change(settings) {
  const answer = await fetch(new URL('/v1/settings', url), {
    method: 'PATCH',
    headers: {
      'Content-Type': 'application/json',
      ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(settings),
  });
  if (!answer.ok) throw new Error(`settings: ${answer.status} ${await answer.text()}`);
}

for (const language of ['en', 'zh-CN']) {
  for (const theme of ['light', 'dark']) {
    await change({ language, theme });
    for (const [size, [width, height]] of Object.entries(SIZES)) {
      const context = await browser.newContext({
        viewport: { width, height },
        deviceScaleFactor: size === 'narrow' ? 2 : 1,
        reducedMotion: 'reduce',
        colorScheme: theme,
        locale: language === 'en' ? 'en-GB' : 'zh-CN',
      });
      const page = await context.newPage();
      const settled = follow(page);
      page.on('pageerror', (error) => {
        failed += 1;
        console.error(`${language} ${theme} ${size}: ${error.message}`);
      });
      page.on('console', (message) => {
        if (message.type() !== 'error') return;
        failed += 1;
        console.error(`${language} ${theme} ${size}: ${message.text()}`);
      });
      for (const name of PAGES) {
        const file = `${name}-${language}-${theme}-${size}.png`;
        if (!file.includes(only)) continue;
        const address = new URL(url);
        if (token !== '') address.searchParams.set('token', token);
        address.hash = `/${name}`;
        await page.setViewportSize({ width, height });
        await page.goto('about:blank');
        await page.goto(address.href, { waitUntil: 'load' });
        await page.waitForSelector('main h1');
        await settled();
        await page.evaluate(() => document.fonts.ready.then(() => undefined));
        // The window is made as tall as the page, so that what sticks to its edges stays there.
        const tall = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewportSize({ width, height: Math.max(height, tall) });
        await page.screenshot({ path: join(out, file) });
        // No page may scroll sideways.
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        if (wide > 0) {
          failed += 1;
          console.error(`${file}: ${wide} px wider than the window`);
        }
        console.log(file);
      }
      await context.close();
    }
  }
}
await change({ language: null, theme: null });
for (const problem of await photographComponents(browser, out, only)) {
  failed += 1;
  console.error(problem);
}
await browser.close();
process.exit(failed > 0 ? 1 : 0);
