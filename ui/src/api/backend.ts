// The only connection of the window: the engine.
import type { ApiError, Event, MessageView } from './types';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
export type AgentAction = 'start' | 'demo' | 'leave-demo';

/** An event of the engine, or of the connection to it. */
export type Signal = Event | { event: 'connected' } | { event: 'disconnected'; reason: string };

export interface Backend {
  /** Whether the window can start the agent and switch it to sample data. */
  readonly canControlAgent: boolean;
  /** Resolves with the parsed body, rejects with an `ApiFailure`. */
  request(method: Method, path: string, body?: unknown): Promise<unknown>;
  /** Listens until the returned function is called. */
  events(listener: (signal: Signal) => void): () => void;
  /** Opens a page outside of the window. */
  openExternal(url: string): void;
  /**
   * Saves an answer of the engine as a file; the page does not see its contents. Resolves with the file's path.
   * The name begins with `tidemark-` and has one of the endings html, json, jsonl, csv.
   */
  save(path: string, name: string): Promise<string>;
  /** Saves what the page made itself, such as a picture of a chart. Resolves with the file's path or name. */
  saveContents(name: string, contents: Blob): Promise<string>;
  /** Starts the agent, or switches it to sample data and back. */
  agent(action: AgentAction): Promise<void>;
  /** Takes a token and begins again with it; only where one is needed. `keep` keeps it on this device. */
  signIn?(token: string, keep: boolean): void;
  /** Whether requests have a token. If one is asked for all the same, it does not hold. */
  readonly hasToken?: boolean;
  /** Whether the last answer said that every change is refused. */
  readonly isReadOnly?: boolean;
}

/** A failed request, with a stable code that has a text in the catalogue. */
export class ApiFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number | null,
    /** What Tidemark says about it beyond the code. */
    readonly says: MessageView | null = null,
    /** What the service or the system said, in its own words. */
    readonly said: string | null = null,
  ) {
    super(message);
    this.name = 'ApiFailure';
  }

  /** The agent could not be reached at all. */
  static unreachable(reason: unknown): ApiFailure {
    return new ApiFailure('agent-unreachable', text(reason), null);
  }

  /** The failure that an answer with an error status reports. */
  static answered(status: number, body: unknown): ApiFailure {
    if (isApiError(body)) {
      const { code, message, cause = null, said = null } = body;
      return new ApiFailure(code, message, status, cause, said);
    }
    return new ApiFailure(status === 404 ? 'no-such-route' : 'other', `status ${status}`, status);
  }

  static of(error: unknown): ApiFailure {
    return error instanceof ApiFailure ? error : new ApiFailure('other', text(error), null);
  }
}

function text(reason: unknown): string {
  if (typeof reason === 'string') return reason;
  if (reason instanceof Error) return reason.message;
  if (isApiError(reason)) return reason.message;
  return '';
}

export function isApiError(value: unknown): value is ApiError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
