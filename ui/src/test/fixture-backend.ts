// A backend with fixed answers, which records the requests it receives.
import * as fixture from '../../dev/fixture.mjs';
import { ApiFailure, type Backend, type Method, type Signal } from '../api/backend';
import type { Account, Overview } from '../api/types';

export interface RecordedRequest {
  method: Method;
  path: string;
  body: unknown;
}

type Answer = (request: RecordedRequest) => unknown;

export class FixtureBackend implements Backend {
  readonly canControlAgent = true;
  readonly requests: RecordedRequest[] = [];
  readonly opened: string[] = [];
  readonly actions: string[] = [];
  readonly saved: { path: string; name: string }[] = [];
  readonly made: { name: string; contents: Blob }[] = [];
  #listener: ((signal: Signal) => void) | null = null;

  constructor(
    public overview: Overview = fixture.overview(),
    /** Answers that replace the usual ones, by `METHOD /path` without the query. */
    public answers: Record<string, Answer> = {},
  ) {}

  request(method: Method, path: string, body?: unknown): Promise<unknown> {
    const request = { method, path, body };
    this.requests.push(request);
    const [plain = ''] = path.split('?');
    const special = this.answers[`${method} ${plain}`];
    try {
      return Promise.resolve(special === undefined ? this.#usual(request) : special(request));
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #usual({ method, path, body }: RecordedRequest): unknown {
    const url = new URL(path, 'http://localhost');
    const claimed = /^\/v1\/findings\/(\d+)\/claim$/.exec(url.pathname);
    if (claimed !== null) {
      return fixture.claimOf(Number(claimed[1]), url.searchParams.get('language') ?? 'en');
    }
    const one = /^\/v1\/findings\/(\d+)\/(case|mark)$/.exec(url.pathname);
    if (one !== null) {
      const found = fixture.caseOf(Number(one[1]));
      return one[2] === 'case' ? found : { ...found?.finding, state: (body as { as: string }).as };
    }
    switch (`${method} ${url.pathname}`) {
      case 'GET /v1/overview':
        return this.overview;
      case 'GET /v1/settings':
        return fixture.settings();
      case 'PATCH /v1/settings':
        return { ...fixture.settings(), ...(body as object) };
      case 'GET /v1/accounts':
        return fixture.accounts();
      case 'GET /v1/welcome':
        return fixture.welcome();
      case 'GET /v1/channels':
        return fixture.channels();
      case 'GET /v1/budgets':
        return fixture.budgets();
      case 'GET /v1/machines':
        return fixture.machines();
      case 'GET /v1/hindsight':
        return fixture.hindsight();
      case 'GET /v1/findings':
        return fixture.findings();
      case 'GET /v1/history': {
        const account = url.searchParams.get('account');
        return fixture.history(
          url.searchParams.get('by') ?? 'day',
          url.searchParams.get('from') ?? '',
          url.searchParams.get('to') ?? '',
          account === null ? null : Number(account),
        );
      }
      case 'GET /v1/levels':
      case 'GET /v1/cycles': {
        const [account = '', series = '', from = '', to = ''] = [
          'account',
          'series',
          'from',
          'to',
        ].map((name) => url.searchParams.get(name) ?? '');
        const answer = url.pathname.endsWith('levels') ? fixture.levels : fixture.cycles;
        return answer(Number(account), series, from, to);
      }
      case 'GET /v1/usage/sessions':
        return fixture.sessions(
          url.searchParams.get('from') ?? '',
          url.searchParams.get('to') ?? '',
        );
      case 'GET /v1/usage': {
        const parameter = (name: string): string => url.searchParams.get(name) ?? '';
        return fixture.usage(parameter('by'), parameter('from'), parameter('to'));
      }
      case 'POST /v1/accounts':
        return fixture.accounts()[0] satisfies Account | undefined;
      default:
        return method === 'DELETE' ? { key_removed: !url.searchParams.has('keep_key') } : null;
    }
  }

  events(listener: (signal: Signal) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = null);
  }

  emit(signal: Signal): void {
    this.#listener?.(signal);
  }

  openExternal(url: string): void {
    this.opened.push(url);
  }

  agent(action: string): Promise<void> {
    this.actions.push(action);
    return Promise.resolve();
  }

  save(path: string, name: string): Promise<string> {
    this.saved.push({ path, name });
    return Promise.resolve(`/home/me/Downloads/${name}`);
  }

  saveContents(name: string, contents: Blob): Promise<string> {
    this.made.push({ name, contents });
    return Promise.resolve(`/home/me/Downloads/${name}`);
  }

  sent(method: Method, path: string): unknown[] {
    return this.requests
      .filter((one) => one.method === method && one.path === path)
      .map((one) => one.body);
  }
}

export const failWith =
  (code: string, status = 400): Answer =>
  () => {
    throw new ApiFailure(code, `refused: ${code}`, status);
  };
