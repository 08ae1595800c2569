// The backend in a browser: HTTP below the page's own address, with a token.
import { ApiFailure, type Backend, type Signal } from './backend';
import { hasTokenInAddress, keepToken, storedToken, takeToken } from './web-token';

/** A stream that says nothing for so long is dead: the engine gives a sign of life every 30 seconds. */
const SILENCE_MS = 95_000;

export function webBackend(): Backend {
  takeToken();
  // A link that is opened in a tab that shows the page already changes its address only.
  // Its token is taken after the reload: without storage it would be lost by it.
  addEventListener('hashchange', () => {
    if (hasTokenInAddress()) location.reload();
  });
  const token = storedToken();
  const authorization: Record<string, string> =
    token === '' ? {} : { Authorization: `Bearer ${token}` };
  let isReadOnly = false;
  return {
    canControlAgent: false,
    get isReadOnly() {
      return isReadOnly;
    },
    hasToken: token !== '',

    async request(method, path, body) {
      const headers: Record<string, string> = { Accept: 'application/json', ...authorization };
      if (body !== undefined) headers['Content-Type'] = 'application/json';
      let answer: Response;
      let parsed: unknown;
      try {
        answer = await fetch(below(path), {
          method,
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        isReadOnly = answer.headers.has('Tidemark-Read-Only');
        const text = await answer.text();
        parsed = text === '' ? null : parseJson(text);
      } catch (error) {
        throw ApiFailure.unreachable(error);
      }
      if (!answer.ok) throw ApiFailure.answered(answer.status, parsed);
      return parsed;
    },

    events(listener) {
      const stop = new AbortController();
      void follow(authorization, stop, listener).then(() => {
        if (!stop.signal.aborted || stop.signal.reason === SILENT) {
          listener({ event: 'disconnected', reason: '' });
        }
      });
      return () => stop.abort();
    },

    openExternal(url) {
      window.open(url, '_blank', 'noopener,noreferrer');
    },

    async save(path, name) {
      let answer: Response;
      let file: Blob;
      try {
        answer = await fetch(below(path), { headers: authorization });
        file = await answer.blob();
      } catch (error) {
        throw ApiFailure.unreachable(error);
      }
      if (!answer.ok) throw ApiFailure.answered(answer.status, parseJson(await file.text()));
      offer(file, name);
      return name;
    },

    saveContents(name, contents) {
      offer(contents, name);
      return Promise.resolve(name);
    },

    async agent() {
      throw new ApiFailure('no-such-route', 'the browser cannot start programs', null);
    },

    signIn(given, keep) {
      if (!keepToken(given, keep)) {
        history.replaceState(null, '', `#token=${encodeURIComponent(given)}`);
      }
      location.reload();
    },
  };
}

/** A path of the engine's below the page's own address, wherever a proxy has put that. */
const below = (path: string): string => `.${path}`;

const SILENT = 'silent';

/** Listens until the stream ends or is ended. An event source cannot send a token other than in the address. */
async function follow(
  authorization: Record<string, string>,
  stop: AbortController,
  listener: (signal: Signal) => void,
): Promise<void> {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => stop.abort(SILENT), SILENCE_MS);
  };
  try {
    alive();
    const answer = await fetch(below('/v1/events'), {
      headers: { Accept: 'text/event-stream', ...authorization },
      signal: stop.signal,
    });
    if (!answer.ok || answer.body === null) return;
    listener({ event: 'connected' });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      const frames = (rest + value).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const signal = parseJson(dataOf(frame));
        if (isSignal(signal)) listener(signal);
      }
    }
  } catch {
    // Whatever broke it: the session asks again.
  } finally {
    clearTimeout(silence);
  }
}

/** The data of a server-sent event; comments, which only say that the stream lives, have none. */
export function dataOf(frame: string): string {
  return frame
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trimStart())
    .join('\n');
}

/** Has the browser save a file. */
function offer(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has its own copy of the file by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function isSignal(value: unknown): value is Signal {
  return (
    typeof value === 'object' &&
    value !== null &&
    'event' in value &&
    typeof value.event === 'string'
  );
}
