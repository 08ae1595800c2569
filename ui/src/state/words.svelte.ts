// The words on the screen: one Fluent catalogue at a time, switched at once.
import type { Catalogue, Pattern } from '../../catalogue';

export type Language = 'en' | 'zh-CN';
export const LANGUAGES: readonly Language[] = ['en', 'zh-CN'];

const catalogues: Record<Language, () => Promise<{ default: Catalogue }>> = {
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
  #catalogue = $state.raw<Catalogue | null>(null);

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

  use(language: Language, catalogue: Catalogue): void {
    this.language = language;
    this.tag = intlTag(language, navigator.languages);
    this.#catalogue = catalogue;
    document.documentElement.lang = language;
  }

  has(id: string): boolean {
    return this.#catalogue !== null && Object.hasOwn(this.#catalogue, id);
  }

  /** The text of a message, or of its attribute as `message.attribute`. */
  text(id: string, args: Args = {}): string {
    const pattern = this.#catalogue?.[id];
    return pattern === undefined ? id : this.#fill(pattern, args);
  }

  #fill(pattern: Pattern, args: Args): string {
    if (typeof pattern === 'string') return pattern;
    const parts = pattern.map((part) => {
      if (typeof part === 'string') return part;
      const [name, usual, variants] = part;
      const value = args[name] ?? '';
      if (variants === undefined) {
        return typeof value === 'number'
          ? new Intl.NumberFormat(this.language).format(value)
          : value;
      }
      // A number is one of its language's plurals; a word is itself.
      const key =
        typeof value === 'number' ? new Intl.PluralRules(this.language).select(value) : value;
      const chosen = variants.find(([one]) => one === String(value) || one === key);
      return this.#fill(chosen?.[1] ?? variants[usual]?.[1] ?? '', args);
    });
    return parts.join('');
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
