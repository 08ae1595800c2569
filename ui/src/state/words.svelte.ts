// The words on the screen: one catalogue at a time, switched at once. How it is written says `catalogue.ts`.

export type Language = 'en' | 'zh-CN';
export const LANGUAGES: readonly Language[] = ['en', 'zh-CN'];

const catalogues: Record<Language, () => Promise<{ default: string }>> = {
  en: () => import('../../../locales/en.ftl'),
  'zh-CN': () => import('../../../locales/zh-CN.ftl'),
};

export type Args = Record<string, string | number>;

/** The language that suits the system: Chinese where it asks for any Chinese, English otherwise. */
export function systemLanguage(languages: readonly string[] = navigator.languages): Language {
  for (const tag of languages) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

export function asLanguage(text: string | null): Language | null {
  return LANGUAGES.find((language) => language === text) ?? null;
}

/** The tag for Intl: the system's own variant of the language (en-GB), if Intl understands it. */
export function intlTag(language: Language, languages: readonly string[]): string {
  const prefix = language === 'en' ? /^en\b/i : /^zh-(cn|hans|sg)\b/i;
  for (const tag of languages) {
    if (!prefix.test(tag)) continue;
    try {
      new Intl.NumberFormat(tag);
      return tag;
    } catch {
      // Not a tag that Intl knows: the next one, or ours.
    }
  }
  return language === 'en' ? 'en-US' : 'zh-CN';
}

class Words {
  language = $state<Language>('en');
  /** For Intl. */
  tag = $state('en-US');
  #wanted: Language | null = null;
  #catalogue = $state.raw<Map<string, string> | null>(null);

  get ready(): boolean {
    return this.#catalogue !== null;
  }

  async load(language: Language): Promise<void> {
    this.#wanted = language;
    if (this.#catalogue !== null && this.language === language) return;
    const source = (await catalogues[language]()).default;
    // Another language may have been wished for in the meantime.
    if (this.#wanted === language) this.use(language, source);
  }

  use(language: Language, catalogue: string): void {
    let message = '';
    const texts: [string, string][] = [];
    for (const line of catalogue.split('\t')) {
      const [name = '', ...rest] = line.split('=');
      if (!name.startsWith('.')) message = name;
      if (rest.length > 0) texts.push([name === message ? name : message + name, rest.join('=')]);
    }
    this.language = language;
    this.tag = intlTag(language, navigator.languages);
    this.#catalogue = new Map(texts);
    document.documentElement.lang = language;
  }

  has(id: string): boolean {
    return this.#catalogue?.has(id) ?? false;
  }

  /** The text of a message, or of its attribute as `message.attribute`. */
  text(id: string, args: Args = {}): string {
    const choose = (_: string, name: string, list: string): string => {
      const value = args[name];
      // A number is one of its language's plurals; a word is itself.
      const key =
        typeof value === 'number' ? new Intl.PluralRules(this.language).select(value) : value;
      const variants = list.split('|').map((one) => /^(\*?)(.*?):(.*)/s.exec(one) ?? []);
      const chosen =
        variants.find(([, , name]) => name === String(value) || name === key) ??
        variants.find(([, star]) => star === '*');
      return chosen?.[3] ?? '';
    };
    const fill = (_: string, name: string): string => {
      const value = args[name] ?? '';
      return typeof value === 'number' ? new Intl.NumberFormat(this.language).format(value) : value;
    };
    return (this.#catalogue?.get(id) ?? id)
      .replace(/\{(\w+)\|((?:[^{}]|\{\w+\})*)\}/g, choose)
      .replace(/\{(\w+)\}/g, fill);
  }
}

export const words = new Words();

/** The text of a message in the language of the window. */
export function t(id: string, args?: Args): string {
  return words.text(id, args);
}

/** The text for a word that came from the engine, or a general one where this window does not know it. */
export function word(group: string, name: string, fallback: string, attribute?: string): string {
  const suffix = attribute === undefined ? '' : `.${attribute}`;
  const id = `${group}-${name}${suffix}`;
  return words.has(id) ? words.text(id) : words.text(`${group}-${fallback}${suffix}`);
}
