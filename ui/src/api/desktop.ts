// The desktop's backend: requests cross the bridge of the window's own process, which holds the socket.
import { Channel, invoke } from '@tauri-apps/api/core';
import { ApiFailure, isApiError, type Backend, type Signal } from './backend';

interface Answer {
  status: number;
  body: unknown;
}

export function desktopBackend(): Backend {
  return {
    canControlAgent: true,

    async request(method, path, body) {
      let answer: Answer;
      try {
        answer = await invoke<Answer>('request', { method, path, body: body ?? null });
      } catch (error) {
        if (isApiError(error)) throw new ApiFailure(error.code, error.message, null);
        throw ApiFailure.unreachable(error);
      }
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

    async agent(action) {
      try {
        await invoke('agent', { action });
      } catch (error) {
        if (isApiError(error)) throw new ApiFailure(error.code, error.message, null);
        throw ApiFailure.unreachable(error);
      }
    },
  };
}
