// Reads a Fluent catalogue when the window is built, so that no reader of it is loaded with the window.
// What is left for the window is text, variables, and choices between variants.
import { FluentResource } from '@fluent/bundle';

/** A variable's name; or a variable that is chosen by, the place of the usual variant, and the variants. */
export type Placed = [name: string] | [name: string, usual: number, variants: [string, Pattern][]];
export type Pattern = string | (string | Placed)[];
/** Patterns by `message` and `message.attribute`. */
export type Catalogue = Record<string, Pattern>;

type Read = FluentResource['body'][number];
type ReadPattern = NonNullable<Read['value']>;
type ReadElement = Exclude<ReadPattern, string>[number];

/** The messages of a catalogue's text. Throws on what this window has no use for: functions, references, terms. */
export function compile(source: string): Catalogue {
  const all: Catalogue = {};
  for (const { id, value, attributes } of new FluentResource(source).body) {
    if (value !== null) all[id] = pattern(value, id);
    for (const [name, text] of Object.entries(attributes)) {
      all[`${id}.${name}`] = pattern(text, id);
    }
  }
  return all;
}

function pattern(read: ReadPattern, id: string): Pattern {
  return typeof read === 'string'
    ? read
    : read.map((part) => (typeof part === 'string' ? part : placed(part, id)));
}

function placed(read: Exclude<ReadElement, string>, id: string): Placed {
  if (read.type === 'var') return [read.name];
  if (read.type !== 'select' || read.selector.type !== 'var') {
    throw new Error(
      `${id}: the window knows variables and choices by a variable, not ${read.type}`,
    );
  }
  const variants = read.variants.map(({ key, value }): [string, Pattern] => [
    String(key.value),
    pattern(value, id),
  ]);
  return [read.selector.name, read.star, variants];
}
