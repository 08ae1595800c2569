// How the user wants the overview: the order and density of cards, the days on them, and the accounts left out.
// Kept by this window, not by the engine.

const KEY = 'tidemark-overview';

export interface Choices {
  order: 'need' | 'own';
  /** `null`: as many accounts as there are decide. */
  dense: boolean | null;
  days: 7 | 30;
  /** Accounts that are left out. Those of sample data have a `d` before their number. */
  hidden: string[];
}

const DEFAULTS: Choices = { order: 'need', dense: null, days: 30, hidden: [] };

/** What was stored, as far as it is understood. */
export function parseChoices(stored: string | null): Choices {
  let given: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(stored ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) given = parsed as Record<string, unknown>;
  } catch {
    // What cannot be read is as good as nothing.
  }
  const hidden = given['hidden'];
  return {
    order: given['order'] === 'own' ? 'own' : DEFAULTS.order,
    dense: typeof given['dense'] === 'boolean' ? given['dense'] : DEFAULTS.dense,
    days: given['days'] === 7 ? 7 : DEFAULTS.days,
    hidden: Array.isArray(hidden)
      ? hidden.filter((one): one is string => typeof one === 'string').slice(0, 1000)
      : [],
  };
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export class OverviewChoices {
  #now = $state<Choices>(parseChoices(stored()));

  get now(): Choices {
    return this.#now;
  }

  change(what: Partial<Choices>): void {
    this.#now = { ...this.#now, ...what };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#now));
    } catch {
      // Without storage the choice holds until the window closes.
    }
  }

  isHidden(id: number, demo: boolean): boolean {
    return this.#now.hidden.includes(`${demo ? 'd' : ''}${id}`);
  }

  hide(id: number, demo: boolean): void {
    this.change({ hidden: [...this.#now.hidden, `${demo ? 'd' : ''}${id}`] });
  }

  showAll(): void {
    this.change({ hidden: [] });
  }
}
