// When a page in a browser has come to rest: every question to the agent is answered, and the answers are painted.
const DEADLINE_MS = 60_000;

/** Follows the requests of a page from its beginning; returns a function that waits until it has come to rest. */
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
      // An answer may lead to another question: both are seen by the second frame after it.
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
