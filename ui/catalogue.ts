// A catalogue as the window loads it: parsed while it is built, so that the window carries no parser of Fluent.
import { FluentResource } from '@fluent/bundle';
import type { Catalogue, Pattern } from './src/state/words.svelte';

/** A pattern as one line: its variables stand in braces. `null` where it chooses between texts. */
function line(pattern: Pattern): string | null {
  if (typeof pattern === 'string') return pattern.includes('\n') ? null : pattern;
  const parts = pattern.map((part) => {
    if (typeof part === 'string') return part.includes('\n') ? null : part;
    return part.type === 'var' ? `{${part.name}}` : null;
  });
  return parts.includes(null) ? null : parts.join('');
}

/** Every message by its name; its attributes in the lines after it, as `.attribute`. */
export function catalogue(source: string): Catalogue {
  const lines: string[] = [];
  const others: Catalogue['others'] = {};
  const add = (id: string, name: string, pattern: Pattern): void => {
    const text = line(pattern);
    if (text === null) others[id] = pattern;
    else lines.push(`${name}=${text}`);
  };
  for (const { id, value, attributes } of new FluentResource(source).body) {
    if (value) add(id, id, value);
    const stands = value !== null && line(value) !== null;
    for (const [name, pattern] of Object.entries(attributes)) {
      add(`${id}.${name}`, stands ? `.${name}` : `${id}.${name}`, pattern);
    }
  }
  if (/"type":"(mesg|term)"/.test(JSON.stringify(others))) {
    throw new Error('a message of the window refers to another; the window cannot resolve that');
  }
  return { lines: lines.join('\n'), others };
}

/** The groups that the window speaks; the agent and the command line have others. */
export function groupsOfWindow(source: string): string {
  return source
    .split(/^(?=## )/m)
    .filter((group) => /^## (Words|Window)\b/.test(group))
    .join('');
}
