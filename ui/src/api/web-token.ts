// The token of a browser: it comes in the fragment of the address, which no server and no proxy sees, or is typed.

const TOKEN = 'tidemark-token';

/**
 * Moves the token from the address (`#token=…`, with a page of the window behind `&`) to the tab's storage, so that it
 * is neither bookmarked nor shown. Whether there was one.
 */
export function takeToken(): boolean {
  const match = /^#token=([^&]*)&?(.*)$/.exec(location.hash);
  if (match === null) return false;
  const [, token = '', place = ''] = match;
  history.replaceState(null, '', place === '' ? location.pathname : `#${place}`);
  dispatchEvent(new HashChangeEvent('hashchange'));
  keepToken(decoded(token), false);
  return true;
}

/** Whether the address has a token that was not taken yet. */
export const hasTokenInAddress = (): boolean => location.hash.startsWith('#token=');

/**
 * Keeps a token: for this tab, or on this device until another one is given. Whether there is storage for it; without,
 * it holds until the page is left.
 */
export function keepToken(token: string, onDevice: boolean): boolean {
  try {
    sessionStorage.setItem(TOKEN, token);
    if (onDevice) localStorage.setItem(TOKEN, token);
    else if (localStorage.getItem(TOKEN) !== token) localStorage.removeItem(TOKEN);
    return true;
  } catch {
    held = token;
    return false;
  }
}

let held = '';

export function storedToken(): string {
  try {
    return sessionStorage.getItem(TOKEN) ?? localStorage.getItem(TOKEN) ?? held;
  } catch {
    return held;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
