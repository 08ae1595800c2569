// The current page and its parameters, in the hash of the address.

export const PAGES = ['overview', 'history', 'use', 'findings', 'accounts', 'settings'] as const;
/** Pages below another one: not in the navigation, and without a key of their own. */
const SUBPAGES = ['machines'] as const;
export type Page = (typeof PAGES)[number] | (typeof SUBPAGES)[number];

export interface Place {
  page: Page;
  /** What the page keeps in the address, such as a time range or an account. */
  query: URLSearchParams;
}

export function parse(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const page = [...PAGES, ...SUBPAGES].find((known) => known === path) ?? 'overview';
  return { page, query: new URLSearchParams(search) };
}

export function href(page: Page, query: Record<string, string | number | null> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return `#/${page}${text === '' ? '' : `?${text}`}`;
}

class Route {
  place = $state.raw<Place>(parse(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      this.place = parse(location.hash);
    });
  }

  get page(): Page {
    return this.place.page;
  }

  go(page: Page, query: Record<string, string | number | null> = {}): void {
    location.hash = href(page, query);
    this.place = parse(location.hash);
  }

  /** Changes the parameters in the address without an entry in the browser's history. */
  replace(query: Record<string, string | number | null>): void {
    history.replaceState(history.state, '', href(this.page, query));
    this.place = parse(location.hash);
  }
}

export const route = new Route();
