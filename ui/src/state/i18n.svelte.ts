// The texts of the window, from one Fluent catalogue at a time. The language can change at any time.
export type Language = 'en' | 'zh-CN';
export const LANGUAGES: readonly Language[] = ['en', 'zh-CN'];
/** Each language in itself. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', 'zh-CN': '简体中文' };

/** A text, a variable, or a selection of a text by a variable's value or plural category. */
export type Part =
  | string
  | { name: string }
  | { name: string; of: [key: string, text: Pattern][]; otherwise: Pattern };
export type Pattern = string | Part[];

/** A parsed catalogue. */
export interface Catalogue {
  /** `message=text` with variables as `{name}`; a line that begins with a dot is an attribute of the message before. */
  lines: string;
  /** The messages that select between texts, or have several lines, by name. */
  others: Record<string, Pattern>;
}

/** The patterns of a catalogue by their names, attributes as `message.attribute`. */
function patterns({ lines, others }: Catalogue): Map<string, Pattern> {
  const all = Object.entries(others);
  let message = '';
  for (const line of lines.split('\n')) {
    const end = line.indexOf('=');
    let id = line.slice(0, end);
    if (id.startsWith('.')) id = message + id;
    else message = id.split('.')[0] ?? id;
    const parts = line.slice(end + 1).split(/\{(\w+)\}/);
    all.push([id, parts.map((part, index) => (index % 2 ? { name: part } : part))]);
  }
  return new Map(all);
}

const catalogues: Record<Language, () => Promise<{ default: Catalogue }>> = {
  en: () => import('../../../locales/en.ftl'),
  'zh-CN': () => import('../../../locales/zh-CN.ftl'),
};

export type Args = Record<string, string | number>;

/** The first of the system's languages that the window has, any Chinese counting as Chinese; otherwise English. */
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
      // Intl does not know this tag: try the next one.
    }
  }
  return language === 'en' ? 'en-US' : 'zh-CN';
}

class I18n {
  language = $state<Language>('en');
  /** The language tag for Intl. */
  tag = $state('en-US');
  #requested: Language | null = null;
  #numbers = new Intl.NumberFormat('en');
  #plurals = new Intl.PluralRules('en');
  #patterns = $state.raw<Map<string, Pattern> | null>(null);

  get ready(): boolean {
    return this.#patterns !== null;
  }

  async load(language: Language): Promise<void> {
    this.#requested = language;
    if (this.#patterns !== null && this.language === language) return;
    const source = (await catalogues[language]()).default;
    // Another language may have been chosen in the meantime.
    if (this.#requested === language) this.use(language, source);
  }

  use(language: Language, source: Catalogue): void {
    this.language = language;
    this.tag = intlTag(language, navigator.languages);
    this.#numbers = new Intl.NumberFormat(language);
    this.#plurals = new Intl.PluralRules(language);
    this.#patterns = patterns(source);
    document.documentElement.lang = language;
  }

  has(id: string): boolean {
    return this.#patterns?.has(id) ?? false;
  }

  /** The text of a message, or of its attribute as `message.attribute`. */
  text(id: string, args?: Args): string {
    const pattern = this.#patterns?.get(id);
    return pattern === undefined ? id : this.#format(pattern, args ?? {});
  }

  #format(pattern: Pattern, args: Args): string {
    if (typeof pattern === 'string') return pattern;
    const texts = pattern.map((part) => {
      if (typeof part === 'string') return part;
      const value = args[part.name] ?? `{$${part.name}}`;
      const number = typeof value === 'number';
      if (!('of' in part)) return number ? this.#numbers.format(value) : value;
      const fits = [String(value), number ? this.#plurals.select(value) : ''];
      const [, text = part.otherwise] = part.of.find(([key]) => fits.includes(key)) ?? [];
      return this.#format(text, args);
    });
    return this.language === 'zh-CN' ? joinChinese(texts) : texts.join('');
  }
}

const HAN = '\\p{Script=Han}';
const ENDS = new RegExp(`${HAN}$`, 'u');
const BEGINS = new RegExp(`^${HAN}`, 'u');
const ENDS_WITH_SPACE = new RegExp(`${HAN} +$`, 'u');
const BEGINS_WITH_SPACE = new RegExp(`^ +${HAN}`, 'u');
/** A name such as `5 小时额度`: a digit or a Latin letter first, and Chinese after it. */
const MIXED = new RegExp(`^[0-9A-Za-z].*${HAN}`, 'u');

/**
 * The parts of a message after each other as Chinese is written. A message has the space that a Latin name or a number
 * needs beside it: a Chinese name has none there. One that begins with a digit has one where the message has none.
 */
function joinChinese(parts: readonly string[]): string {
  let [all = ''] = parts;
  for (let index = 1; index < parts.length; index += 1) {
    const [before = '', part = ''] = [parts[index - 1], parts[index]];
    if (ENDS.test(before) && BEGINS_WITH_SPACE.test(part)) all += part.trimStart();
    else if (ENDS_WITH_SPACE.test(before) && BEGINS.test(part)) all = all.trimEnd() + part;
    else all += ENDS.test(before) && MIXED.test(part) ? ` ${part}` : part;
  }
  return all;
}

export const i18n = new I18n();

/** The text of a message in the language of the window. */
export function t(id: string, args?: Args): string {
  return i18n.text(id, args);
}

/** `name: value`, with the language's punctuation. */
export const labelValue = (name: string, value: string): string =>
  t('label-value', { name, value });

/** A list: `a, b`, in Chinese `a、b`. */
export const joinList = (items: readonly string[]): string => joinWith('list-two', items);

/** A list as a part of a sentence: `a, b and c`, in Chinese `a、b、c`. */
export function enumerate(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2
    ? last
    : t('list-and', { first: joinList(items.slice(0, -1)), second: last });
}

/** Clauses of a sentence: `a, b`, in Chinese `a，b`. */
export const joinClauses = (items: readonly string[]): string => joinWith('clause-two', items);

/** Sentences after each other; those in Chinese follow without a space. */
export const sentences = (items: readonly string[]): string =>
  items.filter((one) => one !== '').join(i18n.language === 'zh-CN' ? '' : ' ');

const joinWith = (id: string, [head = '', ...rest]: readonly string[]): string =>
  rest.reduce((first, second) => t(id, { first, second }), head);

/** The text for a code that came from the engine; the text of `fallback` where this window does not know the code. */
export function codeText(
  group: string,
  code: string,
  fallback: string,
  attribute?: string,
): string {
  const suffix = attribute === undefined ? '' : `.${attribute}`;
  const id = `${group}-${code}${suffix}`;
  return i18n.has(id) ? i18n.text(id) : i18n.text(`${group}-${fallback}${suffix}`);
}
