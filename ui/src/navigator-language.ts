// Must be the first import of main.ts.
// WebKitGTK under LANG=C says navigator.language === 'C', which every Intl constructor refuses with a
// RangeError. Nothing that runs later should have to know.
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
