// What the window knows of the engine. It holds no truth of its own: everything is asked again when the
// engine says that it changed.
import { getContext, setContext } from 'svelte';
import { Client } from '../api/client';
import { ApiFailure, type AgentAction, type Backend, type Signal } from '../api/backend';
import type { AccountCard, Overview, Settings } from '../api/types';
import { route } from './route.svelte';
import { asLanguage, systemLanguage, t, i18n } from './i18n.svelte';

export type Line = 'connecting' | 'connected' | 'lost';

const KEY = Symbol('session');
/** Seconds before each next try to reach the agent. */
const BACKOFF = [1, 2, 4, 8, 15, 30];
/** Events of one moment are answered by one question. */
const COALESCE_MS = 60;

export class Session {
  readonly client: Client;
  line = $state<Line>('connecting');
  /** Why the line was lost, in the engine's words. */
  lostBecause = $state('');
  overview = $state.raw<Overview | null>(null);
  settings = $state.raw<Settings | null>(null);
  /** Counts the engine's messages of each kind; pages ask again when theirs moves. */
  overviewMoved = $state(0);
  findingsMoved = $state(0);
  settingsMoved = $state(0);
  usageMoved = $state(0);
  /** The account that a notification or the tray asked to see. */
  wanted = $state<number | null>(null);
  /** What is being said to screen readers and shown for a moment. */
  said = $state<{ text: string; bad: boolean; at: number } | null>(null);
  /** The engine's time, in milliseconds; moves while the window is visible. */
  now = $state(Date.now());
  /** The engine's clock minus ours, in milliseconds. */
  #offset = 0;
  #stopEvents: (() => void) | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #tries = 0;
  #asking = false;
  #askAgain = false;
  #coalesce: ReturnType<typeof setTimeout> | null = null;
  #tick: ReturnType<typeof setTimeout> | null = null;
  #saidTimer: ReturnType<typeof setTimeout> | null = null;
  /** Between `start` and `stop`. Outside of that nothing is timed, and no answer changes anything. */
  #running = false;
  #eventsDown = false;

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

  /** Begins to follow the engine; resolves with its first answer. Whoever calls this calls `stop` in the end. */
  start(): Promise<void> {
    this.#running = true;
    this.#listen();
    this.#schedule();
    document.addEventListener('visibilitychange', this.#onVisible);
    return this.reload();
  }

  /** Ends all that `start` began. Answers that are still on their way are not taken. */
  stop(): void {
    this.#running = false;
    this.#stopEvents?.();
    this.#stopEvents = null;
    for (const timer of [this.#retry, this.#coalesce, this.#tick, this.#saidTimer]) {
      if (timer !== null) clearTimeout(timer);
    }
    this.#retry = this.#coalesce = this.#tick = this.#saidTimer = null;
    document.removeEventListener('visibilitychange', this.#onVisible);
  }

  /** Says something to screen readers, and shows it for a moment. */
  say(text: string, bad = false): void {
    if (!this.#running) return;
    this.said = { text, bad, at: Date.now() };
    if (this.#saidTimer !== null) clearTimeout(this.#saidTimer);
    this.#saidTimer = setTimeout(() => (this.said = null), bad ? 9000 : 5000);
  }

  /** Says why something failed. */
  sayFailure(error: unknown): ApiFailure {
    const failure = ApiFailure.of(error);
    this.say(describeFailure(failure), true);
    return failure;
  }

  /** Asks for everything that all pages need. */
  async reload(): Promise<void> {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    if (!this.#running) return;
    this.#asking = true;
    try {
      const [overview, settings] = await Promise.all([
        this.client.overview(),
        this.settings === null || this.line !== 'connected'
          ? this.client.settings()
          : this.settings,
      ]);
      this.takeOverview(overview);
      await this.takeSettings(settings);
      this.line = 'connected';
    } catch (error) {
      this.#lost(ApiFailure.of(error).message);
    } finally {
      this.#asking = false;
    }
    if (this.#askAgain) {
      this.#askAgain = false;
      await this.reload();
    }
  }

  takeOverview(overview: Overview): void {
    if (!this.#running) return;
    this.overview = overview;
    this.#offset = Date.parse(overview.now) - Date.now();
    this.now = Date.now() + this.#offset;
    this.#schedule();
  }

  async takeSettings(settings: Settings): Promise<void> {
    if (!this.#running) return;
    this.settings = settings;
    applyTheme(settings.theme);
    const language = asLanguage(settings.language) ?? systemLanguage();
    remember('language', settings.language === null ? null : language);
    await i18n.load(language);
  }

  async change(change: Partial<Settings>): Promise<void> {
    await this.takeSettings(await this.client.changeSettings(change));
  }

  async refresh(accountId?: number): Promise<void> {
    try {
      const done = await this.client.refresh(accountId);
      this.say(describeRefresh(done, this.cards));
      await this.reload();
    } catch (error) {
      this.sayFailure(error);
    }
  }

  async agent(action: AgentAction): Promise<void> {
    try {
      await this.backend.agent(action);
      this.retryNow();
    } catch (error) {
      this.sayFailure(error);
    }
  }

  /** Tries to reach the agent at once. */
  retryNow(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#listen();
    void this.reload();
  }

  #listen(): void {
    if (!this.#running) return;
    this.#stopEvents?.();
    this.#stopEvents = this.backend.events((signal) => this.#on(signal));
  }

  #on(signal: Signal): void {
    switch (signal.event) {
      case 'connected':
        this.#eventsDown = false;
        this.#tries = 0;
        // Whatever happened while nobody listened is caught up with.
        this.#soon();
        this.findingsMoved += 1;
        this.usageMoved += 1;
        break;
      case 'disconnected':
        // Only the news stopped; whether the agent is gone shows when it is asked.
        this.#eventsDown = true;
        this.lostBecause = signal.reason;
        void this.reload();
        this.#retryLater();
        break;
      case 'overview':
        this.overviewMoved += 1;
        this.#soon();
        break;
      case 'findings':
        this.findingsMoved += 1;
        this.#soon();
        break;
      case 'usage':
        this.usageMoved += 1;
        break;
      case 'settings':
        this.settingsMoved += 1;
        void this.client.settings().then(
          (settings) => this.takeSettings(settings),
          () => undefined,
        );
        break;
      case 'show':
        this.wanted = signal.account_id;
        route.go('overview');
        break;
      case 'quit':
        this.#eventsDown = true;
        this.#lost('');
        break;
    }
  }

  #soon(): void {
    if (!this.#running || this.#coalesce !== null) return;
    this.#coalesce = setTimeout(() => {
      this.#coalesce = null;
      void this.reload();
    }, COALESCE_MS);
  }

  #lost(reason: string): void {
    if (!this.#running) return;
    this.line = 'lost';
    this.lostBecause = reason;
    this.#retryLater();
  }

  #retryLater(): void {
    if (!this.#running || this.#retry !== null) return;
    const seconds = BACKOFF[Math.min(this.#tries, BACKOFF.length - 1)] ?? 30;
    this.#tries += 1;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      if (this.#eventsDown) this.#listen();
      if (this.line !== 'connected') void this.reload();
    }, seconds * 1000);
  }

  #onVisible = (): void => {
    if (document.visibilityState === 'visible') {
      this.now = Date.now() + this.#offset;
      this.#schedule();
    }
  };

  /** Moves the clock once a second while something is due within ten minutes, else four times a minute. */
  #schedule(): void {
    if (this.#tick !== null) clearTimeout(this.#tick);
    this.#tick = null;
    if (!this.#running || document.visibilityState === 'hidden') return;
    this.#tick = setTimeout(
      () => {
        this.now = Date.now() + this.#offset;
        this.#schedule();
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

/** What a failed request means and what to do, in the language of the window. */
export function explain(failure: ApiFailure): { title: string; advice: string; known: boolean } {
  // A key that was tried and failed is told by the word of the kind of failure, with this status.
  const groups = failure.status === 422 ? ['failure', 'error'] : ['error', 'failure'];
  for (const group of groups) {
    const id = `${group}-${failure.code}`;
    if (i18n.has(id)) {
      return { title: i18n.text(id), advice: i18n.text(`${id}.advice`), known: true };
    }
  }
  const advice = t('raw-text', { text: failure.message });
  return { title: t('error-other'), advice, known: false };
}

/** The same as one sentence or two. */
export function describeFailure(failure: ApiFailure): string {
  const { title, advice } = explain(failure);
  return t('sentence-two', { first: title, second: advice });
}

function describeRefresh(
  done: { polling: number[]; left_alone: { account_id: number; why: string }[] },
  cards: AccountCard[],
): string {
  const parts: string[] = [];
  if (done.polling.length > 0) parts.push(t('refresh-polling', { count: done.polling.length }));
  for (const why of ['just-now', 'retry-after']) {
    const left = done.left_alone.filter((one) => one.why === why);
    if (left.length === 0) continue;
    const only =
      left.length === 1 ? cards.find((card) => card.id === left[0]?.account_id) : undefined;
    parts.push(t(`refresh-left-${why}`, { count: left.length, name: only?.name ?? '' }));
  }
  // Chinese sentences follow each other without a space.
  return parts.join(i18n.language === 'zh-CN' ? '' : ' ') || t('refresh-nothing');
}

/** Remembers for the first frame of the next start; nothing secret, and gone without harm. */
export function remember(key: 'language' | 'theme', value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`tidemark-${key}`);
    else localStorage.setItem(`tidemark-${key}`, value);
  } catch {
    // No storage: the first frame is in the system's language and theme.
  }
}

export function remembered(key: 'language' | 'theme'): string | null {
  try {
    return localStorage.getItem(`tidemark-${key}`);
  } catch {
    return null;
  }
}

export function applyTheme(theme: string | null): void {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  else delete document.documentElement.dataset['theme'];
  remember('theme', theme);
}

export function provideSession(session: Session): void {
  setContext(KEY, session);
}

export function useSession(): Session {
  return getContext<Session>(KEY);
}

export const SESSION_KEY = KEY;
