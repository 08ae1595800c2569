// The language and theme of the first frame, which is drawn before the engine answers.

/** Stores a preference for the first frame of the next start. */
export function storePreference(key: 'language' | 'theme', value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`tidemark-${key}`);
    else localStorage.setItem(`tidemark-${key}`, value);
  } catch {
    // Without storage the first frame has the system's language and theme.
  }
}

export function storedPreference(key: 'language' | 'theme'): string | null {
  try {
    return localStorage.getItem(`tidemark-${key}`);
  } catch {
    return null;
  }
}

export function applyTheme(theme: string | null): void {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  else delete document.documentElement.dataset['theme'];
  storePreference('theme', theme);
}
