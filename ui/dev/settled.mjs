// Waits until a page is idle: every request to the agent is answered, and the answers are painted.
const DEADLINE_MS = 60_000;

/** Watches the requests of a page from its start; returns a function that waits until the page is idle. */
export function follow(page) {
  const underWay = new Set();
  page.on('request', (request) => {
    // The stream of events never ends.
    if (!new URL(request.url()).pathname.endsWith('/v1/events')) underWay.add(request);
  });
  for (const end of ['requestfinished', 'requestfailed']) {
    page.on(end, (request) => underWay.delete(request));
  }
  return async () => {
    const started = Date.now();
    do {
      // An answer may cause another request, which has started by the second frame after it.
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      if (Date.now() - started > DEADLINE_MS && underWay.size > 0) {
        const left = [...underWay].map((request) => request.url()).join(', ');
        throw new Error(`waited ${DEADLINE_MS / 1000} s for the answers to ${left}`);
      }
    } while (underWay.size > 0);
  };
}
