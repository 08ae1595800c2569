// What kind of key a pasted text is, from its shape alone, and whether a text names a variable. Nothing is
// sent anywhere. The same rules as in crates/core/src/pasted_key.rs and KeyShape in crates/core/src/account.rs.

export type KeyFault = 'empty' | 'several-words' | 'odd-character';
export type KeyShape = 'kimi-code' | 'platform' | 'unknown' | KeyFault;

const QUOTES = ['""', "''", '``', '“”', '””', '‘’', '’’', '«»', '「」', '＂＂', '<>'];
// The white space of Unicode, as Rust knows it, and the byte order mark.
const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const AROUND = new RegExp(`^(?:${SPACE}|\\ufeff)+|(?:${SPACE}|\\ufeff)+$`, 'g');
const INSIDE = new RegExp(SPACE);
const ASSIGNMENT = /^\s*(?:export |set |setx |\$env:)?\s*([A-Za-z_][A-Za-z0-9_]*)\s*=([^]*)$/i;

/** A pasted key without white space, byte order mark, quotes, brackets, `Bearer `, `NAME=` and a comma around it. */
export function cleanKey(pasted: string): string {
  let key = pasted;
  let before: string;
  do {
    before = key;
    key = key.replace(AROUND, '').replace(/[,;]+$/, '');
    for (const [open, close] of QUOTES) {
      if (key.length >= 2 && key.startsWith(open!) && key.endsWith(close!)) {
        key = key.slice(1, -1);
        break;
      }
    }
    key = key.replace(/^authorization:\s*/i, '').replace(/^bearer(?=\s|$)/i, '');
    const [, name, value] = ASSIGNMENT.exec(key) ?? [];
    // `abc=` and `abc==` are the padding of Base64, not the names of variables.
    if (name !== undefined && value !== undefined && !value.trimStart().startsWith('=')) {
      if (value.trim() !== '' || !/[a-z]/.test(name)) key = value;
    }
  } while (key !== before);
  return key;
}

export function keyShape(text: string): KeyShape {
  const key = cleanKey(text);
  if (key === '') return 'empty';
  if (INSIDE.test(key)) return 'several-words';
  if (!/^[\x21-\x7e]+$/.test(key)) return 'odd-character';
  if (key.length >= 12 && key.startsWith('sk-kimi-')) return 'kimi-code';
  if (key.length >= 12 && key.startsWith('sk-')) return 'platform';
  return 'unknown';
}

/** Whether a key of this shape can be sent at all. */
export function isUsable(shape: KeyShape): boolean {
  return shape === 'kimi-code' || shape === 'platform' || shape === 'unknown';
}

/** Whether a text is the name of an environment variable, and does not look like a key in its place. */
export function isVariableName(text: string): boolean {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text)) return false;
  const secretHead =
    (text.length >= 20 && /^sk(_|[^_]*$)/.test(text)) ||
    (text.length >= 16 && text.startsWith('eyJ'));
  const secretPart = text.split('_').some((part) => {
    const digits = part.replace(/[^0-9]/g, '').length;
    const mixed = /[a-z]/.test(part) && /[A-Z]/.test(part);
    return (part.length >= 24 && digits >= 4) || (part.length >= 16 && digits >= 3 && mixed);
  });
  return !secretHead && !secretPart;
}
