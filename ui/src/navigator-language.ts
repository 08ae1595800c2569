// Must be the first import of main.ts.
// Under LANG=C, navigator.language of WebKitGTK is 'C', for which every Intl constructor throws a
// RangeError. It is corrected here, so that no later code has to handle it.
function understood(tag: string): boolean {
  try {
    new Intl.NumberFormat(tag);
    return true;
  } catch {
    return false;
  }
}

export function guardNavigatorLanguage(target: Navigator): void {
  const languages = (target.languages ?? []).filter((tag) => understood(tag));
  if (understood(target.language) && languages.length === (target.languages ?? []).length) return;
  const language = understood(target.language) ? target.language : (languages[0] ?? 'en-US');
  Object.defineProperty(target, 'language', { value: language, configurable: true });
  Object.defineProperty(target, 'languages', {
    value: languages.length > 0 ? languages : [language],
    configurable: true,
  });
}

guardNavigatorLanguage(navigator);
