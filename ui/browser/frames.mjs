// Frame times of the window's pages while they are scrolled, beside a page without code on the same machine. Prints a
// table and judges nothing: the figures depend on the machine.
//   node browser/frames.mjs    (after `npm run build`)
//   node browser/frames.mjs URL…    also pages of other programs, which are scrolled in the same run
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { follow } from '../dev/settled.mjs';

const SCENE = 'fifty';
const PAGES = ['overview', 'history', 'use', 'findings', 'accounts', 'settings'];
/** A page as long as the longest of the window's. */
const BARE = `<!doctype html><meta charset="utf-8"><body>${Array.from(
  { length: 400 },
  (_, line) => `<p>${line}</p>`,
).join('')}`;

const server = spawn(
  process.execPath,
  [fileURLToPath(new URL('../dev/serve.mjs', import.meta.url)), '0', SCENE],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const at = await new Promise((done) => {
  createInterface({ input: server.stdout }).once('line', done);
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});

/** Scrolls down and up for two seconds, and gives the times between frames in milliseconds. */
const scrolled = () =>
  new Promise((done) => {
    const times = [];
    const began = performance.now();
    let last = began;
    const step = (now) => {
      times.push(now - last);
      last = now;
      const way = Math.abs((((now - began) / 1000) % 2) - 1);
      const root = document.scrollingElement;
      root.scrollTop = way * (root.scrollHeight - root.clientHeight);
      if (now - began < 2000) requestAnimationFrame(step);
      else done(times.slice(1));
    };
    requestAnimationFrame(step);
  });

const quantile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

const print = (line) => process.stdout.write(`${line}\n`);

async function measure(name, open) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await open(page);
  // The first run fills caches.
  await page.evaluate(scrolled);
  const times = (await page.evaluate(scrolled)).sort((a, b) => a - b);
  const late = times.filter((time) => time > 20).length;
  const row = [0.5, 0.95, 1].map((share) => quantile(times, share).toFixed(1).padStart(8));
  print(`${name.padEnd(28)}${row.join('')}${String(late).padStart(8)} of ${times.length}`);
  await page.close();
}

print(`${'page'.padEnd(28)}  median     95%   worst   >20 ms`);
await measure('bare page', (page) => page.setContent(BARE));
for (const name of PAGES) {
  await measure(name, async (page) => {
    const settled = follow(page);
    await page.goto(new URL(`#/${name}`, at).href);
    await page.waitForSelector('main h1');
    await settled();
  });
}
for (const url of process.argv.slice(2)) {
  await measure(url.slice(0, 27), (page) => page.goto(url, { waitUntil: 'networkidle' }));
}
await browser.close();
server.kill();
