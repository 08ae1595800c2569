// Photographs the page of all components, which only the development server has.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

/** Saves a picture a theme, and returns what went wrong. */
export async function photographComponents(browser, out, only) {
  const problems = [];
  const names = ['light', 'dark', 'forced'].map((theme) => [theme, `components-${theme}.png`]);
  const wanted = names.filter(([, file]) => file.includes(only));
  if (wanted.length === 0) return problems;
  const root = fileURLToPath(new URL('..', import.meta.url));
  const server = await createServer({ root, logLevel: 'error', server: { port: 0 } });
  await server.listen();
  for (const [theme, file] of wanted) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      reducedMotion: 'reduce',
      colorScheme: theme === 'dark' ? 'dark' : 'light',
      forcedColors: theme === 'forced' ? 'active' : 'none',
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(`${file}: ${error.message}`));
    await page.goto(new URL('components.html', server.resolvedUrls.local[0]).href);
    await page.waitForSelector('main h1');
    // The menu that is shown open must not scroll the page.
    await page.evaluate(() => document.fonts.ready.then(() => scrollTo(0, 0)));
    await page.screenshot({ path: join(out, file), fullPage: true });
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (wide > 0) problems.push(`${file}: ${wide} px wider than the window`);
    console.log(file);
    await context.close();
  }
  await server.close();
  return problems;
}
