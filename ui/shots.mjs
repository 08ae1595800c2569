// Takes pictures of every page and state of the window, and puts them on a contact sheet. Fails where a page has an
// error in its code, or is wider than the window.
// node shots.mjs URL TOKEN OUTDIR [only]
//
// Each page in sample data is taken in both languages and themes, narrow and wide; each other state once. URL is that of
// an agent on sample data that serves the window; states that it has not are served by dev/serve.mjs.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { photographComponents } from './dev/components-shots.mjs';
import { follow } from './dev/settled.mjs';
import { writeSheets } from './dev/contact-sheet.mjs';

const [url = '', token = '', out = 'shots', only = ''] = process.argv.slice(2);
if (url === '') {
  console.error('node shots.mjs URL TOKEN OUTDIR [part of a name]');
  process.exit(2);
}
const PAGES = ['overview', 'history', 'use', 'findings', 'accounts', 'settings', 'machines'];
const SIZES = { narrow: [400, 860], wide: [1280, 860] };
/** Widths at which nothing may be wider than the window; 640 is the window at 200 % of 1280. */
const WIDTHS = [320, 360, 640, 761, 1600, 2560];

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
/** @type {{ file: string, group: string }[]} */
const taken = [];

function fail(text) {
  failed += 1;
  console.error(text);
}

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

/** A page in a window of a size, whose errors count unless they belong to the state. */
async function opened(name, [width, height], { theme = 'light', language = 'en', ...given } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: width < 500 ? 2 : 1,
    reducedMotion: 'reduce',
    colorScheme: theme,
    locale: language === 'en' ? 'en-GB' : 'zh-CN',
    ...given,
  });
  const page = await context.newPage();
  const settled = follow(page);
  let quiet = false;
  page.on('pageerror', (error) => quiet || fail(`${name}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !quiet) fail(`${name}: ${message.text()}`);
  });
  return { context, page, settled, hush: () => (quiet = true) };
}

/** The picture of a page as it is, the whole page unless it is of what lies over it. */
async function take(page, file, group, [width, height], whole = true) {
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  if (whole) {
    // The window is made as tall as the page, so that what sticks to its edges stays there.
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, tall) });
  }
  await page.screenshot({ path: join(out, file) });
  taken.push({ file, group });
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (wide > 0) fail(`${file}: ${wide} px wider than the window`);
  console.log(file);
}

async function goto(page, settled, at, hash) {
  const address = new URL(at);
  const own = at === url && token !== '';
  address.hash = own ? `token=${token}&${hash}` : hash;
  await page.goto('about:blank');
  await page.goto(address.href, { waitUntil: 'load' });
  await page.waitForSelector('main h1');
  await settled();
}

async function basicSet() {
  for (const language of ['en', 'zh-CN']) {
    for (const theme of ['light', 'dark']) {
      const files = Object.keys(SIZES).flatMap((size) =>
        PAGES.map((name) => `${name}-${language}-${theme}-${size}.png`),
      );
      if (!files.some((file) => file.includes(only))) continue;
      await change({ language, theme });
      for (const [size, viewport] of Object.entries(SIZES)) {
        const name = `${language} ${theme} ${size}`;
        const { context, page, settled } = await opened(name, viewport, { theme, language });
        for (const one of PAGES) {
          const file = `${one}-${language}-${theme}-${size}.png`;
          if (!file.includes(only)) continue;
          const [width, height] = viewport;
          await page.setViewportSize({ width, height });
          await goto(page, settled, url, `/${one}`);
          await take(page, file, `${one}: ${language}, ${theme}`, viewport);
        }
        await context.close();
      }
    }
  }
  await change({ language: null, theme: null });
}

/** What of the report is seen when it is printed: its first page, in both languages. */
async function reports() {
  for (const language of ['en', 'zh-CN']) {
    const file = `state-report-print-${language}.png`;
    if (!file.includes(only)) continue;
    const headers = token === '' ? {} : { Authorization: `Bearer ${token}` };
    const accounts = await (await fetch(new URL('/v1/overview', url), { headers })).json();
    const worst =
      accounts.accounts.find((card) => card.anomalies.count > 0) ?? accounts.accounts[0];
    const address = new URL(`/v1/report?language=${language}&account=${worst.id}`, url);
    const text = await (await fetch(address, { headers })).text();
    // A4 at 96 pixels an inch.
    const size = [794, 1123];
    const { context, page } = await opened(file, size);
    await page.emulateMedia({ media: 'print' });
    await page.setContent(text);
    // The margins of the sheet, which only printing has.
    const margins = await page.addStyleTag({ content: 'main{padding:14mm 15mm 16mm}' });
    await take(page, file, 'report', size, false);
    await margins.evaluate((tag) => tag.remove());
    writeFileSync(
      join(out, file.replace(/png$/, 'pdf')),
      await page.pdf({ preferCSSPageSize: true, printBackground: true, pageRanges: '1-4' }),
    );
    await context.close();
  }
}

/** Starts dev/serve.mjs with a scene; gives its address and what ends it. */
async function served(scene) {
  const serve = fileURLToPath(new URL('dev/serve.mjs', import.meta.url));
  const server = spawn(process.execPath, [serve, '0', scene], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: server.stdout });
  const at = await new Promise((done, fails) => {
    lines.once('line', done);
    server.once('exit', () => fails(new Error(`dev/serve.mjs ${scene} ended`)));
  });
  const ended = new Promise((done) => server.once('exit', done));
  return { at, end: () => (server.kill(), ended) };
}

const press = (name) => (page) => page.getByRole('button', { name }).first().click();
const summary = (text) => async (page) => {
  const found = page.locator('main details summary', { hasText: text }).first();
  await found.click();
};
const overPage = { whole: false };

/** A control of a chart is pressed, in the first panel that has one. */
const inPanel = (name) => async (page) => {
  await page.locator('main .panel').getByRole('button', { name }).first().click();
  await page.mouse.move(0, 0);
};
/** The tallest bar is opened, and its sessions have come. */
async function openBar(page) {
  const chart = page.locator('main .panel [role="slider"]').first();
  await chart.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.locator('main .details table').first().waitFor();
}
const splitBy = (what) => (page) =>
  page.locator('main .panel select.split').first().selectOption(what);
const CHINESE = { language: 'zh-CN', theme: 'dark' };

/** The views of charts: in English and light, and in Chinese and dark. */
const CHARTS = [
  { name: 'level', page: 'history', act: inPanel(/^(Level|读数曲线)$/) },
  { name: 'running-total', page: 'history', act: inPanel(/^(Running total|累计)$/) },
  { name: 'table', page: 'history', act: inPanel(/^(Table|表格)$/) },
  { name: 'by-month', page: 'history?span=12m&by=month' },
  { name: 'calendar', page: 'history?view=calendar' },
  { name: 'cycles', page: 'history?view=cycles' },
  { name: 'hours', page: 'history?view=hours' },
  { name: 'compare', page: 'history?view=compare' },
  { name: 'bar-sessions', page: 'history', act: openBar },
  { name: 'stacked-models', page: 'use', act: splitBy('models') },
  { name: 'stacked-projects', page: 'use', act: splitBy('projects') },
  {
    name: 'folded-open',
    page: 'use',
    act: (page) =>
      page.evaluate(() =>
        document.querySelectorAll('main details').forEach((one) => (one.open = true)),
      ),
  },
  { name: 'machines-ignored', page: 'machines' },
].flatMap(({ name, ...state }) => [
  { name: `chart-${name}`, scene: 'normal', ...state },
  { name: `chart-${name}-zh-dark`, scene: 'normal', open: CHINESE, ...state },
  { name: `chart-${name}-narrow`, scene: 'normal', size: SIZES.narrow, ...state },
]);

/**
 * The states: a name, the scene of dev/serve.mjs, the page, and what is done there.
 * @type {{ name: string, scene: string, page: string, size?: number[], open?: object, act?: Function, whole?: boolean, storage?: object }[]}
 */
const STATES = [
  { name: 'first-start', scene: 'empty', page: 'overview' },
  { name: 'first-start-narrow', scene: 'empty', page: 'overview', size: SIZES.narrow },
  ...PAGES.slice(1).map((page) => ({ name: `empty-${page}`, scene: 'empty', page })),
  ...PAGES.map((page) => ({ name: `trouble-${page}`, scene: 'troubled', page })),
  ...['overview', 'history', 'use', 'findings', 'accounts'].map((page) => ({
    name: `fifty-${page}`,
    scene: 'fifty',
    page,
  })),
  ...PAGES.map((page) => ({ name: `long-${page}`, scene: 'long', page, size: SIZES.narrow })),
  ...PAGES.map((page) => ({
    name: `forced-colours-${page}`,
    scene: 'normal',
    page,
    open: { forcedColors: 'active' },
  })),
  ...PAGES.map((page) => ({
    name: `text-200-${page}`,
    scene: 'normal',
    page,
    act: (shown) =>
      shown.evaluate(() => {
        const html = document.documentElement;
        html.style.fontSize = `${2 * parseFloat(getComputedStyle(html).fontSize)}px`;
      }),
  })),
  ...WIDTHS.flatMap((width) =>
    PAGES.map((page) => ({
      name: `width-${String(width).padStart(4, '0')}-${page}`,
      scene: 'normal',
      page,
      size: [width, 860],
    })),
  ),
  ...PAGES.map((page) => ({
    name: `focus-${page}`,
    scene: 'normal',
    page,
    ...overPage,
    // Past the skip link, the navigation and help: the first control of the page.
    act: async (shown) => {
      await shown.locator('main').focus();
      await shown.keyboard.press('Tab');
    },
  })),
  ...CHARTS,
  {
    name: 'hover-history',
    scene: 'normal',
    page: 'history',
    ...overPage,
    act: async (shown) => {
      const chart = shown.locator('main svg.plot').first();
      const box = await chart.boundingBox();
      if (box !== null) await shown.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5);
    },
  },
  { name: 'open-anomaly', scene: 'normal', page: 'findings', act: summary('Emptied at once') },
  {
    name: 'open-anomaly-narrow',
    scene: 'normal',
    page: 'findings',
    size: SIZES.narrow,
    act: summary('Emptied at once'),
  },
  {
    name: 'report-to-kimi',
    scene: 'normal',
    page: 'findings',
    act: async (shown) => {
      await summary('Emptied at once')(shown);
      await press('Report to Kimi')(shown);
      await shown.locator('textarea').first().waitFor();
    },
  },
  {
    name: 'hindsight',
    scene: 'normal',
    page: 'findings',
    act: async (shown) => {
      await summary('Forecasts in hindsight')(shown);
      await shown.locator('.past table').waitFor();
    },
  },
  { name: 'all-fine', scene: 'fine', page: 'overview' },
  {
    name: 'all-fine-zh',
    scene: 'fine',
    page: 'overview',
    open: { language: 'zh-CN', theme: 'dark' },
  },
  {
    name: 'overview-zh-dark',
    scene: 'normal',
    page: 'overview',
    open: { language: 'zh-CN', theme: 'dark' },
  },
  {
    name: 'first-start-zh-dark',
    scene: 'empty',
    page: 'overview',
    open: { language: 'zh-CN', theme: 'dark' },
  },
  { name: 'menu-view', scene: 'normal', page: 'overview', ...overPage, act: press('View') },
  {
    name: 'menu-account',
    scene: 'normal',
    page: 'accounts',
    ...overPage,
    act: press(/^Actions for Laptop/),
  },
  { name: 'notices-open', scene: 'troubled', page: 'overview', act: summary('notices') },
  {
    name: 'card-programs',
    scene: 'normal',
    page: 'overview',
    act: async (shown) => {
      const card = shown.getByRole('article', { name: 'Work' });
      await card.locator('summary', { hasText: 'Limits and logs' }).click();
    },
  },
  {
    name: 'first-numbers',
    scene: 'empty',
    page: 'overview',
    act: async (shown) => {
      await shown.getByRole('button', { name: 'More options' }).click();
      await shown.locator('input').first().fill('sk-kimi-0123456789abcdef0123456789abcdef');
      await shown.getByRole('button', { name: 'Test', exact: true }).click();
      await shown.locator('article').first().waitFor();
    },
  },
  {
    name: 'tour',
    scene: 'normal',
    page: 'overview',
    ...overPage,
    storage: { 'tidemark-tour': '["overview","history"]' },
  },
  {
    name: 'invalid-field',
    scene: 'normal',
    page: 'settings',
    act: async (shown) => {
      const field = shown.getByLabel(/^Notify when a quota reaches/);
      await field.fill('never');
      await field.blur();
    },
  },
  {
    name: 'search-result',
    scene: 'normal',
    page: 'settings',
    act: (shown) => shown.locator('main input[type=search]').fill('quiet'),
  },
  { name: 'filter-none', scene: 'normal', page: 'findings?kind=change&unseen=1' },
  { name: 'withdrawn', scene: 'normal', page: 'findings?finding=14' },
  {
    name: 'dialog-report',
    scene: 'normal',
    page: 'findings',
    ...overPage,
    act: press('Evidence report'),
  },
  {
    name: 'help',
    scene: 'normal',
    page: 'overview',
    ...overPage,
    act: (shown) => shown.keyboard.press('?'),
  },
];

async function states() {
  const wanted = STATES.filter(({ name }) => `state-${name}.png`.includes(only));
  for (const scene of new Set(wanted.map((state) => state.scene))) {
    const { at, end } = await served(scene);
    for (const state of wanted.filter((one) => one.scene === scene)) {
      const { name, size = SIZES.wide, open = {}, act, whole = true, storage = {} } = state;
      const { context, page, settled } = await opened(name, size, open);
      await page.addInitScript((kept) => {
        // The blank page before has no storage.
        if (location.protocol === 'about:') return;
        for (const [key, value] of Object.entries(kept)) localStorage.setItem(key, value);
      }, storage);
      await goto(page, settled, at, `/${state.page}`);
      if (act !== undefined) {
        await act(page);
        await settled();
      }
      await take(page, `state-${name}.png`, name.replace(/-[^-]+$/, ''), size, whole);
      await context.close();
    }
    await end();
  }
}

/** Pages whose answers do not come, and pages whose agent has gone. */
async function withoutAnswers() {
  for (const name of PAGES) {
    const waiting = `state-loading-${name}.png`;
    if (waiting.includes(only)) {
      const { at, end } = await served('normal');
      const { context, page } = await opened(waiting, SIZES.wide);
      // The window is there; what this page alone asks for is not.
      const late = /\/v1\/(history|usage|findings|accounts|machines|levels|cycles|hindsight)/;
      await page.route(late, () => undefined);
      await page.goto(new URL(`#/${name}`, at).href);
      await page.waitForSelector('main h1');
      // What is shown of waiting appears after a moment.
      await page.evaluate(() =>
        Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))),
      );
      await take(page, waiting, 'loading', SIZES.wide, false);
      await context.close();
      await end();
    }
    const lost = `state-lost-${name}.png`;
    if (lost.includes(only)) {
      const { at, end } = await served('normal');
      const { context, page, settled, hush } = await opened(lost, SIZES.wide);
      await goto(page, settled, at, `/${name}`);
      hush();
      await end();
      await page.waitForSelector('.lost-banner');
      await take(page, lost, 'lost', SIZES.wide);
      await context.close();
    }
  }
}

// Side by side: what is served for a state has nothing to do with the agent of the others.
await Promise.all([basicSet().then(reports), states(), withoutAnswers()]);
const place = ({ file }) =>
  /^state-(loading|lost)-/.test(file) ? 2 : /^state-/.test(file) ? 1 : 0;
taken.sort((one, other) => place(one) - place(other));
for (const problem of await photographComponents(browser, out, only)) {
  failed += 1;
  console.error(problem);
}
await writeSheets(browser, out, taken);
await browser.close();
console.log(`${taken.length} pictures, ${failed} faults`);
process.exit(failed > 0 ? 1 : 0);
