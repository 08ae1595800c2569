// The backend in a browser: HTTP at the page's own origin, with a token.
import { ApiFailure, type Backend, type Signal } from './backend';

const TOKEN = 'tidemark-token';

/** Moves the token from the address to the tab's storage, so that it is neither bookmarked nor shown. */
function takeToken(): string {
  const address = new URL(location.href);
  const given = address.searchParams.get('token');
  if (given !== null) {
    sessionStorage.setItem(TOKEN, given);
    address.searchParams.delete('token');
    history.replaceState(null, '', address);
  }
  return given ?? sessionStorage.getItem(TOKEN) ?? '';
}

export function webBackend(): Backend {
  const token = takeToken();
  const authorization: Record<string, string> =
    token === '' ? {} : { Authorization: `Bearer ${token}` };
  return {
    canControlAgent: false,

    async request(method, path, body) {
      const headers: Record<string, string> = { Accept: 'application/json', ...authorization };
      if (body !== undefined) headers['Content-Type'] = 'application/json';
      let answer: Response;
      let parsed: unknown;
      try {
        answer = await fetch(path, {
          method,
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await answer.text();
        parsed = text === '' ? null : parseJson(text);
      } catch (error) {
        throw ApiFailure.unreachable(error);
      }
      if (!answer.ok) throw ApiFailure.answered(answer.status, parsed);
      return parsed;
    },

    events(listener) {
      const source = new EventSource(`/v1/events?token=${encodeURIComponent(token)}`);
      source.onopen = () => listener({ event: 'connected' });
      source.onerror = () => listener({ event: 'disconnected', reason: '' });
      source.onmessage = (message: MessageEvent<string>) => {
        const signal = parseJson(message.data);
        if (isSignal(signal)) listener(signal);
      };
      return () => source.close();
    },

    openExternal(url) {
      window.open(url, '_blank', 'noopener,noreferrer');
    },

    async save(path, name) {
      let answer: Response;
      let file: Blob;
      try {
        answer = await fetch(path, { headers: authorization });
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
  };
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
