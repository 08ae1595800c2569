// The engine's data and events, as the window has them. Nothing is computed here: what the engine reports as
// changed is requested again.
import { getContext, setContext } from 'svelte';
import { Client } from '../api/client';
import { ApiFailure, type AgentAction, type Backend, type Signal } from '../api/backend';
import type { AccountCard, Overview, Settings } from '../api/types';
import { describeFailure } from '../format/failures';
import { describeRefresh } from '../format/refresh';
import { applyTheme, storePreference } from './preferences';
import { route } from './route.svelte';
import { asLanguage, i18n, systemLanguage } from './i18n.svelte';

export interface Toast {
  text: string;
  bad: boolean;
  at: number;
  undo: (() => void) | null;
}
export type Connection = 'connecting' | 'connected' | 'lost';

const KEY = Symbol('session');
/** Seconds before each attempt to reach the agent; the last one repeats. */
const BACKOFF = [1, 2, 4, 8, 15, 30];
/** Events that arrive together cause one request. */
const RELOAD_DELAY_MS = 60;

export class Session {
  readonly client: Client;
  connection = $state<Connection>('connecting');
  /** Why the connection was lost, as the backend reported it. */
  disconnectReason = $state('');
  /** The code of the failure that ended it, such as `token`. */
  disconnectCode = $state('');
  /** Whether every change is refused, as on a wall display: what would make one is not offered. */
  readOnly = $state(false);
  overview = $state.raw<Overview | null>(null);
  settings = $state.raw<Settings | null>(null);
  /** These count the engine's events of each kind. A page that reads one loads again when it changes. */
  overviewRevision = $state(0);
  findingsRevision = $state(0);
  settingsRevision = $state(0);
  usageRevision = $state(0);
  /** The account that a notification or the tray opened the window for. */
  requestedAccount = $state<number | null>(null);
  /** The message that is announced to screen readers and shown for a few seconds. */
  toast = $state.raw<Toast | null>(null);
  /** The engine's time, in milliseconds; moves while the window is visible. */
  now = $state(Date.now());
  /** The engine's clock minus ours, in milliseconds. */
  #offset = 0;
  #stopEvents: (() => void) | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;
  #tries = 0;
  #reloading = false;
  #reloadAgain = false;
  #reloadTimer: ReturnType<typeof setTimeout> | null = null;
  #tickTimer: ReturnType<typeof setTimeout> | null = null;
  #toastTimer: ReturnType<typeof setTimeout> | null = null;
  /** True between `start` and `stop`. At other times no timer runs, and answers change nothing. */
  #running = false;
  #eventsLost = false;
  /** How many requests for settings were sent, and which of them `settings` is the answer to. */
  #settingsRequests = 0;
  #settingsShown = 0;

  constructor(readonly backend: Backend) {
    this.client = new Client(backend);
  }

  /** The zone in which days are counted. */
  get zone(): string {
    return this.settings?.timezone ?? this.overview?.agent.timezone ?? 'UTC';
  }

  get cards(): AccountCard[] {
    return this.overview?.accounts ?? [];
  }

  /** Counts events as read or unread at once, one for each account given; the engine's count follows. */
  countUnseen(accounts: readonly number[], by: 1 | -1): void {
    if (this.overview === null) return;
    const changed = (card: AccountCard): number => accounts.filter((id) => id === card.id).length;
    this.overview = {
      ...this.overview,
      accounts: this.overview.accounts.map((card) => ({
        ...card,
        unseen_findings: Math.max(0, card.unseen_findings + by * changed(card)),
      })),
    };
  }

  /** Subscribes to the engine; resolves after its first answer. Every `start` needs a `stop`. */
  start(): Promise<void> {
    this.#running = true;
    this.#listen();
    this.#scheduleTick();
    document.addEventListener('visibilitychange', this.#onVisible);
    return this.reload();
  }

  /** Ends everything that `start` began. Answers that are still pending are ignored. */
  stop(): void {
    this.#running = false;
    this.#stopEvents?.();
    this.#stopEvents = null;
    for (const timer of [this.#retryTimer, this.#reloadTimer, this.#tickTimer, this.#toastTimer]) {
      if (timer !== null) clearTimeout(timer);
    }
    this.#retryTimer = this.#reloadTimer = this.#tickTimer = this.#toastTimer = null;
    document.removeEventListener('visibilitychange', this.#onVisible);
  }

  /**
   * Announces a message to screen readers, and shows it for a few seconds; longer where there is something to decide.
   * `undo` takes back what the message is about.
   */
  announce(text: string, bad = false, undo: (() => void) | null = null): void {
    if (!this.#running) return;
    this.toast = { text, bad, at: Date.now(), undo };
    if (this.#toastTimer !== null) clearTimeout(this.#toastTimer);
    const shown = undo !== null ? 20_000 : bad ? 9000 : 5000;
    this.#toastTimer = setTimeout(() => (this.toast = null), shown);
  }

  /** Takes back what the shown message is about. */
  undo(): void {
    const undo = this.toast?.undo;
    this.toast = null;
    undo?.();
  }

  /** Announces why something failed. */
  announceFailure(error: unknown): ApiFailure {
    const failure = ApiFailure.of(error);
    this.announce(describeFailure(failure), true);
    return failure;
  }

  /** Requests what all pages need. */
  async reload(): Promise<void> {
    if (this.#reloading) {
      this.#reloadAgain = true;
      return;
    }
    if (!this.#running) return;
    this.#reloading = true;
    try {
      const [overview] = await Promise.all([
        this.client.overview(),
        (this.settings === null || this.connection !== 'connected') &&
          this.#settingsFrom(this.client.settings()),
      ]);
      this.setOverview(overview);
      this.readOnly = this.backend.isReadOnly ?? false;
      this.connection = 'connected';
    } catch (error) {
      const failure = ApiFailure.of(error);
      this.#connectionLost(failure.message, failure.code);
    } finally {
      this.#reloading = false;
    }
    if (this.#reloadAgain) {
      this.#reloadAgain = false;
      await this.reload();
    }
  }

  setOverview(overview: Overview): void {
    if (!this.#running) return;
    this.overview = overview;
    this.#offset = Date.parse(overview.now) - Date.now();
    this.now = Date.now() + this.#offset;
    this.#scheduleTick();
  }

  /** Takes over the settings that a request answers with, unless a later request was answered before it. */
  async #settingsFrom(request: Promise<Settings>): Promise<void> {
    const order = ++this.#settingsRequests;
    const settings = await request;
    if (!this.#running || order < this.#settingsShown) return;
    this.#settingsShown = order;
    this.settings = settings;
    applyTheme(settings.theme);
    const language = asLanguage(settings.language) ?? systemLanguage();
    storePreference('language', settings.language === null ? null : language);
    await i18n.load(language);
  }

  async change(change: Partial<Settings>): Promise<void> {
    await this.#settingsFrom(this.client.changeSettings(change));
  }

  async refresh(accountId?: number): Promise<void> {
    try {
      const done = await this.client.refresh(accountId);
      this.announce(describeRefresh(done, this.cards));
      await this.reload();
    } catch (error) {
      this.announceFailure(error);
    }
  }

  /** Opens the keyring, and then reads the accounts whose keys are in it. */
  async unlockKeyring(accountIds: readonly number[]): Promise<void> {
    try {
      await this.client.unlockKeyring();
      for (const id of accountIds) await this.client.refresh(id);
      await this.reload();
    } catch (error) {
      this.announceFailure(error);
    }
  }

  async agent(action: AgentAction): Promise<void> {
    try {
      await this.backend.agent(action);
      this.retryNow();
    } catch (error) {
      this.announceFailure(error);
    }
  }

  /** Tries to reach the agent at once. */
  retryNow(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    this.#listen();
    void this.reload();
  }

  #listen(): void {
    if (!this.#running) return;
    this.#stopEvents?.();
    this.#stopEvents = this.backend.events((signal) => this.#handle(signal));
  }

  #handle(signal: Signal): void {
    switch (signal.event) {
      case 'connected':
        this.#eventsLost = false;
        this.#tries = 0;
        // Events may have been missed while there was no connection.
        this.#reloadSoon();
        this.findingsRevision += 1;
        this.usageRevision += 1;
        break;
      case 'disconnected':
        // Only the events stopped: a request shows whether the agent still answers.
        this.#eventsLost = true;
        this.disconnectReason = signal.reason;
        void this.reload();
        this.#retryLater();
        break;
      case 'overview':
        this.overviewRevision += 1;
        this.#reloadSoon();
        break;
      case 'findings':
        this.findingsRevision += 1;
        this.#reloadSoon();
        break;
      case 'usage':
        this.usageRevision += 1;
        break;
      case 'settings':
        this.settingsRevision += 1;
        void this.#settingsFrom(this.client.settings()).catch(() => undefined);
        break;
      case 'show':
        this.requestedAccount = signal.account_id;
        route.go('overview');
        break;
      case 'quit':
        this.#eventsLost = true;
        this.#connectionLost('');
        break;
    }
  }

  #reloadSoon(): void {
    if (!this.#running || this.#reloadTimer !== null) return;
    this.#reloadTimer = setTimeout(() => {
      this.#reloadTimer = null;
      void this.reload();
    }, RELOAD_DELAY_MS);
  }

  #connectionLost(reason: string, code = ''): void {
    if (!this.#running) return;
    this.disconnectCode = code;
    this.connection = 'lost';
    this.disconnectReason = reason;
    this.#retryLater();
  }

  #retryLater(): void {
    if (!this.#running || this.#retryTimer !== null) return;
    const seconds = BACKOFF[Math.min(this.#tries, BACKOFF.length - 1)] ?? 30;
    this.#tries += 1;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      if (this.#eventsLost) this.#listen();
      if (this.connection !== 'connected') void this.reload();
    }, seconds * 1000);
  }

  #onVisible = (): void => {
    if (document.visibilityState === 'visible') {
      this.now = Date.now() + this.#offset;
      this.#scheduleTick();
    }
  };

  /** Updates `now` once a second while something is due within ten minutes, otherwise four times a minute. */
  #scheduleTick(): void {
    if (this.#tickTimer !== null) clearTimeout(this.#tickTimer);
    this.#tickTimer = null;
    if (!this.#running || document.visibilityState === 'hidden') return;
    this.#tickTimer = setTimeout(
      () => {
        this.now = Date.now() + this.#offset;
        this.#scheduleTick();
      },
      this.#secondsMatter() ? 1000 : 15_000,
    );
  }

  #secondsMatter(): boolean {
    const soon = this.now + 10 * 60_000;
    return this.cards.some((card) =>
      [card.failure?.retry_at, ...card.meters.map((meter) => meter.resets_at)].some(
        (at) => typeof at === 'string' && Date.parse(at) > this.now && Date.parse(at) < soon,
      ),
    );
  }
}

export function provideSession(session: Session): void {
  setContext(KEY, session);
}

export function useSession(): Session {
  return getContext<Session>(KEY);
}

export const SESSION_KEY = KEY;
