// What the journeys in a browser have in common: an agent on sample data, Chromium, and axe.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { follow } from '../dev/settled.mjs';

export const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = process.env.TIDEMARK_BIN_DIR ?? here('../../target/debug');
const axe = readFileSync(here('../node_modules/axe-core/axe.min.js'), 'utf8');

/** The first line that a program prints. It ends with its standard input, or is killed. */
export async function started(program, args, env = process.env) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    new Promise((done) => lines.once('line', done)),
    new Promise((_, fail) =>
      child.once('exit', (code) => fail(new Error(`it ended with ${code}`))),
    ),
  ]);
  return { child, line };
}

/** The path of a program that Cargo has built. */
export function program(name) {
  const path = `${folder}/${name}`;
  assert.ok(existsSync(path), `${path} is missing; build it first: cargo build -p ${name}`);
  return path;
}

/** An agent on sample data that serves the built window: its address and token, and what ends it. */
export async function startAgent() {
  const args = ['agent', '--demo', '--no-tray', '--while-stdin', '--listen', '127.0.0.1:0', '--ui'];
  const { child, line } = await started(program('tidemark'), [...args, here('../dist')]);
  return { ...JSON.parse(line), end: () => child.stdin.end() };
}

/** Fixed answers that serve the built window: a scene of dev/serve.mjs. */
export async function startScene(scene) {
  const { child, line } = await started(process.execPath, [here('../dev/serve.mjs'), '0', scene]);
  return { url: line, token: '', end: () => child.kill() };
}

export const startBrowser = () =>
  chromium.launch({
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

/** Opens a page of the window: `findings`, `findings?kind=anomaly`. */
export async function open(browser, where, hash, options = {}) {
  const context = await browser.newContext({
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const settled = follow(page);
  const messages = [];
  page.on('console', (message) => {
    const text = message.text();
    // The policy refuses axe as an inline script; it is evaluated instead.
    if (['error', 'warning'].includes(message.type()) && !text.includes('Content Security Policy'))
      messages.push(text);
  });
  page.on('pageerror', (error) => messages.push(error.message));
  const address = new URL(where.url);
  address.hash = where.token === '' ? `/${hash}` : `token=${where.token}&/${hash}`;
  await page.goto(address.href, { waitUntil: 'load' });
  await page.waitForSelector('main h1');
  await settled();
  return { page, messages, settled, close: () => context.close() };
}

/** What axe finds wrong with a page, a line each. */
export async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const result = await globalThis.axe.run();
    return result.violations.map(
      (v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`,
    );
  });
}

/**
 * Controls that are smaller than 24 by 24 pixels, but for links in a sentence, and for those with room around them, which
 * WCAG 2.2 (2.5.8) lets be smaller.
 */
export const smallTargets = (page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button, summary, select, input')]
      .filter((one) => one.checkVisibility() && !one.closest('.visually-hidden, .skip'))
      .map((one) => {
        // The label of a check box is its target too.
        const target = one.closest('label') ?? one;
        return { one, box: target.getBoundingClientRect() };
      })
      .filter(({ box }) => box.width > 0);
    const middle = ({ box }) => [box.x + box.width / 2, box.y + box.height / 2];
    return all
      .filter(({ one, box }) => {
        if (box.width >= 24 && box.height >= 24) return false;
        const inText =
          one.tagName === 'A' &&
          getComputedStyle(one).display === 'inline' &&
          one.parentElement.textContent.trim() !== one.textContent.trim();
        return !inText;
      })
      .filter((small) => {
        const [x, y] = middle(small);
        return all.some((other) => {
          if (other.one === small.one || other.one.contains(small.one)) return false;
          if (small.one.contains(other.one)) return false;
          const [left, top] = [
            Math.max(other.box.left - x, 0, x - other.box.right),
            Math.max(other.box.top - y, 0, y - other.box.bottom),
          ];
          return Math.hypot(left, top) < 12;
        });
      })
      .map(({ one, box }) => `${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`);
  });
