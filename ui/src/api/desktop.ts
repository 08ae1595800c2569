// The backend of the desktop window: requests go to the window's process, which holds the socket.
import { Channel, invoke, type InvokeArgs, type InvokeOptions } from '@tauri-apps/api/core';
import { ApiFailure, isApiError, type Backend, type Signal } from './backend';

interface Answer {
  status: number;
  body: unknown;
}

export function desktopBackend(): Backend {
  return {
    canControlAgent: true,

    async request(method, path, body) {
      // As bytes, so that the window's process can pass on a body with a key without parsing it.
      const bytes = new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
      const headers = { 'tidemark-method': method, 'tidemark-path': path };
      const answer = await call<Answer>('request', bytes, { headers });
      if (answer.status < 200 || answer.status > 299) {
        throw ApiFailure.answered(answer.status, answer.body);
      }
      return answer.body;
    },

    events(listener) {
      let listening = true;
      const channel = new Channel<Signal>((signal) => {
        if (listening) listener(signal);
      });
      invoke('subscribe', { channel }).catch((error: unknown) => {
        if (listening) {
          listener({ event: 'disconnected', reason: ApiFailure.unreachable(error).message });
        }
      });
      return () => {
        listening = false;
      };
    },

    openExternal(url) {
      invoke('open_external', { url }).catch(() => undefined);
    },

    save: (path, name) => call<string>('save', { path, name }),
    saveContents: async (name, contents) =>
      call<string>('save_contents', new Uint8Array(await contents.arrayBuffer()), {
        headers: { 'tidemark-name': name },
      }),
    agent: (action) => call<void>('agent', { action }),
  };
}

async function call<T>(command: string, given: InvokeArgs, options?: InvokeOptions): Promise<T> {
  try {
    return await invoke<T>(command, given, options);
  } catch (error) {
    if (isApiError(error)) throw new ApiFailure(error.code, error.message, null);
    throw ApiFailure.unreachable(error);
  }
}
