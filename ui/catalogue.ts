// Reads a Fluent catalogue when the window is built, so that no reader of it is loaded with the window.
// What is left for the window is a line a message: text, variables, and choices between variants.
import { FluentResource } from '@fluent/bundle';

/** Stands between two messages. */
const END = '\t';

type Pattern = NonNullable<FluentResource['body'][number]['value']>;
type Placed = Exclude<Exclude<Pattern, string>[number], string>;

/**
 * The messages of a catalogue's text, as `id=text` and, for the attributes of the message before, `.name=text`.
 * A variable is `{name}`, a choice `{name|one:text|*other:text}`, where the star is the usual variant.
 * Throws on what this window has no use for: functions, references, terms.
 */
export function compile(source: string): string {
  const lines: string[] = [];
  for (const { id, value, attributes } of new FluentResource(source).body) {
    lines.push(`${id}${value === null ? '' : `=${written(value, id)}`}`);
    for (const [name, text] of Object.entries(attributes)) {
      lines.push(`.${name}=${written(text, id)}`);
    }
  }
  return lines.join(END);
}

function written(pattern: Pattern, id: string): string {
  const parts = typeof pattern === 'string' ? [pattern] : pattern;
  return parts
    .map((part) => (typeof part === 'string' ? plain(part, id) : placed(part, id)))
    .join('');
}

function plain(text: string, id: string): string {
  if (/[{}|\t]/.test(text))
    throw new Error(`${id}: the window's catalogue has no braces, bars or tabs`);
  return text;
}

function placed(read: Placed, id: string): string {
  if (read.type === 'var') return `{${read.name}}`;
  if (read.type !== 'select' || read.selector.type !== 'var') {
    throw new Error(
      `${id}: the window knows variables and choices by a variable, not ${read.type}`,
    );
  }
  const variants = read.variants.map(
    ({ key, value }, index) =>
      `|${index === read.star ? '*' : ''}${key.value}:${written(value, id)}`,
  );
  return `{${read.selector.name}${variants.join('')}}`;
}
