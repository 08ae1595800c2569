// A catalogue as the window loads it: parsed and simplified while it is built, so that the window carries neither
// the parser nor the resolver of Fluent. They support much more than it needs.
import { FluentResource } from '@fluent/bundle';
import type { Catalogue, Part, Pattern } from './src/state/i18n.svelte';

type Fluent = NonNullable<FluentResource['body'][number]['value']>;

/** A pattern of texts, variables and choices. Whatever else Fluent can say ends the build. */
function simple(pattern: Fluent, id: string): Pattern {
  if (typeof pattern === 'string') return pattern;
  return pattern.map((part): Part => {
    if (typeof part === 'string') return part;
    if (part.type === 'var') return { name: part.name };
    if (part.type === 'select' && part.selector.type === 'var') {
      const variants = part.variants.map(({ key, value }): [string, Pattern] => [
        String('value' in key ? key.value : ''),
        simple(value, id),
      ]);
      const [, otherwise = ''] = variants[part.star] ?? [];
      return { name: part.selector.name, of: variants, otherwise };
    }
    throw new Error(`${id}: the window understands texts, variables and choices by a variable`);
  });
}

/** A pattern as one line, its variables in braces; `null` where it chooses. */
function line(pattern: Pattern): string | null {
  const parts = (typeof pattern === 'string' ? [pattern] : pattern).map((part) =>
    typeof part === 'string' ? part : 'of' in part ? null : `{${part.name}}`,
  );
  const text = parts.join('');
  return parts.includes(null) || text.includes('\n') ? null : text;
}

/** Every message by its name; its attributes in the lines after it, as `.attribute`. */
export function catalogue(source: string): Catalogue {
  const lines: string[] = [];
  const others: Catalogue['others'] = {};
  for (const { id, value, attributes } of new FluentResource(source).body) {
    let before = '';
    const add = (name: string, fluent: Fluent): void => {
      const pattern = simple(fluent, name);
      const text = line(pattern);
      if (text === null) others[name] = pattern;
      else lines.push(`${name.slice(before.length)}=${text}`);
      if (text !== null && name === id) before = id;
    };
    if (value) add(id, value);
    for (const [name, pattern] of Object.entries(attributes)) add(`${id}.${name}`, pattern);
  }
  return { lines: lines.join('\n'), others };
}

/** The groups that the window speaks; the agent and the command line have others. */
export function groupsOfWindow(source: string): string {
  return source
    .split(/^(?=## )/m)
    .map((group) =>
      /^## (Words|Window|Why a poll or a key failed|What findings say)\b/.test(group)
        ? group.replaceAll(/^report-.*\n(?:[ }].*\n)*/gm, '')
        : // What notifications say of an anomaly's figures and series the window says too.
          (group.match(/^(?:said-|points |the-series ).*\n(?:[ }].*\n)*/gm) ?? []).join(''),
    )
    .join('');
}
