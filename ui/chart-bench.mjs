// Measures how fast a chart is drawn and how smoothly a span is chosen on it, with five years of readings every five
// minutes. Prints what it finds; nothing here fails for being slow.
// node chart-bench.mjs [URL of a window built by `npm run build` and served by dev/serve.mjs]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const PORT = 4319;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-22T06:20:00Z');
const FIRST = NOW - 1826 * DAY;

/** Five years of one quota: by day, and every reading. */
const series = ['5h', 'week', 'month'];
function history(from, to, by) {
  const [start, end] = [Math.max(FIRST, Date.parse(from)), Date.parse(to)];
  const step = by === 'hour' ? HOUR : DAY;
  const buckets = [];
  for (let at = Math.floor(start / DAY) * DAY; at < end; at += step) {
    const key = new Date(at).toISOString().slice(0, by === 'hour' ? 16 : 10);
    buckets.push({
      key,
      start: new Date(at).toISOString(),
      end: new Date(at + step).toISOString(),
    });
  }
  const points = buckets.map((_, index) => {
    const deducted = 20 + 15 * Math.sin(index / 9) + (index % 7);
    return {
      deducted,
      returned: 0,
      credited: null,
      expired: null,
      uncertain: 0,
      coverage: index % 41 === 0 ? 0.6 : 1,
      last: 40,
      high: 60,
      resets: 3,
      explained: {
        fully: deducted * 0.7,
        partly: 0,
        elsewhere: deducted * 0.1,
        not: index % 30 === 0 ? deducted * 0.1 : 0,
        cannot_tell: deducted * (index % 30 === 0 ? 0.1 : 0.2),
      },
    };
  });
  return {
    by,
    timezone: 'Asia/Shanghai',
    from: buckets[0].start,
    to: new Date(end).toISOString(),
    buckets,
    series: series.map((one) => ({
      account_id: 1,
      account: 'Work',
      series: one,
      unit: 'percent',
      since: new Date(FIRST).toISOString(),
      points,
    })),
    marks: [],
    incidents: [],
  };
}

function levels(from, to) {
  const step = 5 * 60_000;
  const [at, until, value, gap] = [[], [], [], []];
  const end = Math.min(NOW, Date.parse(to));
  for (
    let time = Math.max(FIRST, Date.parse(from)), index = 0;
    time < end;
    time += step, index += 1
  ) {
    at.push(time);
    until.push(time);
    value.push((index * 1.7) % 100);
    gap.push(index % 40_000 === 39_999);
  }
  const resets = at.filter((_, index) => index % 58 === 0);
  return {
    account_id: 1,
    series: '5h',
    unit: 'percent',
    from,
    to,
    complete: true,
    at,
    until,
    value,
    gap,
    resets,
  };
}

const own = process.argv[2] === undefined;
const server = own
  ? spawn('node', [fileURLToPath(new URL('./dev/serve.mjs', import.meta.url)), String(PORT)], {
      stdio: 'ignore',
    })
  : null;
const url = process.argv[2] ?? `http://127.0.0.1:${PORT}/`;
for (let tries = 0; own && tries < 50; tries += 1) {
  if (
    await fetch(url).then(
      () => true,
      () => false,
    )
  )
    break;
  await new Promise((done) => setTimeout(done, 100));
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.route('**/v1/history?*', (route) => {
    const asked = new URL(route.request().url()).searchParams;
    return route.fulfill({ json: history(asked.get('from'), asked.get('to'), asked.get('by')) });
  });
  await page.route('**/v1/levels?*', (route) => {
    const asked = new URL(route.request().url()).searchParams;
    return route.fulfill({ json: levels(asked.get('from'), asked.get('to')) });
  });
  const measure = async (name, hash, prepare) => {
    await page.goto('about:blank');
    await page.goto(url + hash);
    await page.waitForSelector('.chart .strip');
    await prepare();
    const strip = await page.locator('.chart .strip').first().boundingBox();
    const y = strip.y + strip.height / 2;
    // One redraw at a time: from the event until the next frame is laid out.
    const redraw = await page.evaluate(async () => {
      const svg = document.querySelector('.chart .plot');
      const box = svg.getBoundingClientRect();
      const all = [];
      for (let index = 0; index < 40; index += 1) {
        const event = new WheelEvent('wheel', {
          deltaY: index % 2 === 0 ? -120 : 120,
          ctrlKey: true,
          clientX: box.x + 400,
          clientY: box.y + 80,
          bubbles: true,
          cancelable: true,
        });
        const before = performance.now();
        svg.dispatchEvent(event);
        await Promise.resolve();
        await new Promise((done) => setTimeout(done, 0));
        void svg.getBoundingClientRect().width;
        svg.querySelector('path')?.getTotalLength?.();
        all.push(performance.now() - before);
        await new Promise((done) => requestAnimationFrame(done));
      }
      return all.sort((a, b) => a - b);
    });
    // Brushing: the lens is dragged along the strip, and frames are counted.
    await page.waitForTimeout(600);
    await page.evaluate(() => {
      window.frames_ = [];
      window.counting = true;
      const count = (at) => {
        window.frames_.push(at);
        if (window.counting) requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
    });
    await page.mouse.move(strip.x + 300, y);
    await page.mouse.down();
    for (let step = 0; step < 120; step += 1) {
      await page.mouse.move(strip.x + 300 + step * 4, y);
    }
    await page.mouse.up();
    const frames = await page.evaluate(() => {
      window.counting = false;
      return window.frames_;
    });
    const gaps = frames
      .slice(1)
      .map((at, index) => at - frames[index])
      .sort((a, b) => a - b);
    const at = (all, share) => all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0;
    const fps = (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0);
    console.log(
      `${name.padEnd(34)} redraw ${at(redraw, 0.5).toFixed(1)} ms (95 %: ${at(redraw, 0.95).toFixed(1)} ms)   ` +
        `brushing ${fps.toFixed(0)} frames/s (95 % of frames within ${at(gaps, 0.95).toFixed(1)} ms)`,
    );
  };
  // What this machine can do now: the same moves over a page with nothing on it.
  await page.goto('about:blank');
  await page.evaluate(() => {
    window.frames_ = [];
    const count = (at) => {
      window.frames_.push(at);
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  for (let step = 0; step < 120; step += 1) await page.mouse.move(300 + step * 4, 400);
  const bare = await page.evaluate(() => window.frames_);
  console.log(
    `${'a bare page'.padEnd(34)} ${((1000 * (bare.length - 1)) / (bare.at(-1) - bare[0])).toFixed(0)} frames/s`,
  );
  const from = new Date(FIRST).toISOString().slice(0, 10);
  const all = `#/history?account=1&span=custom&from=${from}&to=2026-11-22`;
  await measure('bars by month, five years', `${all}&by=month`, async () => undefined);
  await measure(
    'bars by day, 12 months',
    '#/history?account=1&span=custom&from=2025-11-23&to=2026-11-22&by=day',
    async () => undefined,
  );
  await measure('level, 526,000 readings', all, async () => {
    await page.getByRole('button', { name: 'Level' }).first().click();
    await page.waitForFunction(
      () => (document.querySelector('path.band')?.getAttribute('d') ?? '').length > 1000,
      undefined,
      { timeout: 60_000 },
    );
  });
} finally {
  await browser.close();
  server?.kill();
  if (server !== null && server.exitCode === null)
    await once(server, 'exit').catch(() => undefined);
}
