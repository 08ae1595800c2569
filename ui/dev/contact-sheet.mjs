// Puts pictures on contact sheets: a page to look through, and pictures of it.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** So many pictures are on a sheet. */
const PER_SHEET = 24;

/** @param {string} text */
const safe = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param {{ file: string, group: string }[]} taken */
const sheet = (taken) => `<!doctype html><meta charset="utf-8"><title>Contact sheet</title><style>
body{font:13px system-ui,sans-serif;margin:16px;background:#888;color:#000}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(290px,1fr));gap:12px}
figure{margin:0;background:#fff;padding:6px}figcaption{overflow-wrap:anywhere}
a{display:block;height:320px;overflow:hidden;background:#ccc}img{width:100%;display:block}
</style><main>${taken
  .map(
    ({ file, group }) =>
      `<figure><a href="${file}"><img src="${file}" alt=""></a><figcaption>${safe(group)}<br>${safe(file)}</figcaption></figure>`,
  )
  .join('\n')}</main>`;

/**
 * Writes `index.html` with all pictures, and `sheet-1.png` and so on.
 * @param {import('playwright-core').Browser} browser
 * @param {string} out
 * @param {{ file: string, group: string }[]} taken
 */
export async function writeSheets(browser, out, taken) {
  if (taken.length === 0) return;
  const index = resolve(join(out, 'index.html'));
  const page = await browser.newPage({ viewport: { width: 1880, height: 900 } });
  for (let first = 0; first < taken.length; first += PER_SHEET) {
    writeFileSync(index, sheet(taken.slice(first, first + PER_SHEET)));
    await page.goto(pathToFileURL(index).href, { waitUntil: 'load' });
    await page.screenshot({
      path: join(out, `sheet-${first / PER_SHEET + 1}.png`),
      fullPage: true,
    });
  }
  await page.close();
  writeFileSync(index, sheet(taken));
}
