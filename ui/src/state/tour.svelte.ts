// One line a page that says what the page is for, after the first start. Each goes away for good.
import { PAGES, type Page } from './route.svelte';

const KEY = 'tidemark-tour';
const STOPS: readonly Page[] = [...PAGES, 'machines'];

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** The pages whose line was not seen yet; none before the tour begins, and where it is not understood. */
export function parseTour(stored: string | null): Page[] {
  try {
    const pages: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(pages) ? STOPS.filter((page) => pages.includes(page)) : [];
  } catch {
    return [];
  }
}

export class Tour {
  #left = $state<Page[]>(parseTour(read()));

  has(page: Page): boolean {
    return this.#left.includes(page);
  }

  /** Begins at the first start, and never again. */
  begin(): void {
    if (read() === null) this.#keep([...STOPS]);
  }

  /** The line of a page was read. */
  done(page: Page): void {
    if (this.has(page)) this.#keep(this.#left.filter((one) => one !== page));
  }

  /** The user needs no more of them. */
  end(): void {
    this.#keep([]);
  }

  #keep(pages: Page[]): void {
    this.#left = pages;
    try {
      localStorage.setItem(KEY, JSON.stringify(pages));
    } catch {
      // Without storage there is no tour after the window closes, as it could not be ended.
    }
  }
}
